using BuildRunner.Queue;

namespace BuildRunner.Relational;

/// <summary>Represents a build to save and its messages.</summary>
/// <param name="Key">The key of the build. All transactions lock builds in key order.</param>
/// <param name="Statement">The statement that saves the build unless another save came first.</param>
/// <param name="FindSaved">The statement that finds the build if <paramref name="Statement"/> saved it.</param>
/// <param name="Messages">The messages to publish if the build is saved.</param>
internal sealed record BuildSave(string Key, SqlStatement Statement, SqlStatement FindSaved, IReadOnlyList<OutgoingMessage> Messages);

using BuildRunner.Queue;

namespace BuildRunner.Relational;

/// <summary>A build that is to be saved, and the messages that go with it.</summary>
/// <param name="Key">The key of the build, by which transactions lock builds in the same order.</param>
/// <param name="Statement">Saves it, unless another save was earlier.</param>
/// <param name="FindSaved">Finds it if it was saved by the statement.</param>
/// <param name="Messages">The messages, which are published only if it is saved.</param>
internal sealed record BuildSave(string Key, SqlStatement Statement, SqlStatement FindSaved, IReadOnlyList<OutgoingMessage> Messages);

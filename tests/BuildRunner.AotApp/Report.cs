namespace BuildRunner.AotApp;

/// <summary>Represents a consumer's own type that holds what the package has.</summary>
internal sealed record Report(BuildId Build, BuildSnapshot Last, BuildId? Next);

namespace BuildRunner.Git.Tests.Fixtures;

/// <summary>An answer of a <see cref="GitHttpServer"/> that is not git's.</summary>
internal sealed record ServedAnswer(int Status, string Header = "Content-Type: text/plain", string Body = "");

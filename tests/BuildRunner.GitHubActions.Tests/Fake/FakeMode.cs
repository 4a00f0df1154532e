namespace BuildRunner.GitHubActions.Tests.Fake;

/// <summary>Which GitHub the fake is.</summary>
internal enum FakeMode
{
    /// <summary>github.com with the API 2022-11-28: a dispatch is told its run where it asks for that.</summary>
    GitHub,

    /// <summary>GitHub Enterprise Server 3.19, which knows no such question, takes ten inputs and has no rate limit.</summary>
    Ghes319,

    /// <summary>GitHub Enterprise Server 3.21, which knows it.</summary>
    Ghes321,

    /// <summary>github.com with the API 2026-03-10: a dispatch is always told its run, and may not ask.</summary>
    V2026,
}

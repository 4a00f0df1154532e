namespace BuildRunner.GitHubActions.Tests.Fixtures;

/// <summary>GitHub's official specification of what the fake is, between a runner and the fake.</summary>
internal static class Specification
{
    // A server is asked for what an older one does not know, and refuses it. Which of them it is cannot be asked for.
    private const string Question = "request actions/create-workflow-dispatch: body: /return_run_details ";

    /// <summary>Puts the specification before the fake.</summary>
    public static SpecCheckingHandler Before(FakeGitHub github, NodeChecker? checker = null) => new(Of(github.Mode), checker)
    {
        InnerHandler = new FakeTransport(github),
        IsApi = address => address.Host != github.LogStore.Host,
    };

    /// <summary>Fails if a request or an answer was wrong, or if one was right that is wrong on purpose.</summary>
    /// <param name="spec">The specification.</param>
    /// <param name="github">The fake.</param>
    /// <param name="deviations">How findings begin that are wrong on purpose.</param>
    public static void Verify(SpecCheckingHandler spec, FakeGitHub github, params IReadOnlyList<string> deviations)
    {
        var known = github.Mode == FakeMode.Ghes319 ? deviations.Append(Question) : deviations;
        spec.Violations.Where(finding => !known.Any(finding.StartsWith)).Should().BeEmpty("this is what {0} has against it", github.Mode);
        deviations.Where(deviation => !spec.Violations.Any(finding => finding.StartsWith(deviation))).Should().BeEmpty("they are deliberate");
    }

    // No document of 3.21 is published.
    private static GitHubSpec Of(FakeMode mode) => mode switch
    {
        FakeMode.Ghes319 => GitHubSpec.EnterpriseServer319,
        FakeMode.V2026 => GitHubSpec.GitHubCom2026,
        _ => GitHubSpec.GitHubCom,
    };
}

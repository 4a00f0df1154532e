namespace BuildRunner.GitHubActions.Tests.Fixtures;

/// <summary>GitHub's official specification of what the fake is, between a runner and the fake.</summary>
internal static class Specification
{
    // Nobody can ask a server for its age, so an old one is asked for what it does not know. It refuses that, and is not asked again.
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
        var wrong = spec.Violations.Where(finding => !known.Any(deviation => IsOf(finding, deviation)));
        var right = deviations.Where(deviation => !spec.Violations.Any(finding => IsOf(finding, deviation)));

        wrong.Should().BeEmpty("this is what {0} has against it", github.Mode);
        right.Should().BeEmpty("this is wrong on purpose");

        static bool IsOf(string finding, string deviation) => finding.StartsWith(deviation, StringComparison.Ordinal);
    }

    // No document of 3.21 is published.
    private static GitHubSpec Of(FakeMode mode) => mode switch
    {
        FakeMode.Ghes319 => GitHubSpec.EnterpriseServer319,
        FakeMode.V2026 => GitHubSpec.GitHubCom2026,
        _ => GitHubSpec.GitHubCom,
    };
}

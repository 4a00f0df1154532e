namespace BuildRunner.Orchestration.Tests.Invariants;

/// <summary>What the tests of builds in attempts have in common.</summary>
internal static class Retries
{
    public static readonly TimeSpan Total = TimeSpan.FromHours(6);

    public static readonly RetryOptions Three = new() { MaxAttempts = 3 };

    public static readonly FakeBuild Infra = FakeBuild.Fails(TimeSpan.FromSeconds(5), BuildFailureKinds.Infra);
}

namespace BuildRunner.Orchestration.Tests.Crashes;

/// <summary>The ways in which builds in a database are hit. A second hit takes the square of the time.</summary>
public static class SqlHits
{
    public static TheoryData<CrashHit> All => [.. Enum.GetValues<CrashHit>().Where(static hit => hit != CrashHit.CrashTwice)];
}

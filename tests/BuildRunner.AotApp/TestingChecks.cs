using BuildRunner.Testing;

namespace BuildRunner.AotApp;

internal static class TestingChecks
{
    public static async Task RunAsync(Checks checks)
    {
        var fake = new FakeBuildRunner();
        fake.NextBuild(FakeBuild.Fails());
        fake.NextTrigger(FakeFailure.AnswerLost());
        var request = new BuildRequest { Head = [new Change("github://github.com/org/repo/pull/12/0a1b2c")], TriggerKey = "key" };

        checks.Throws<TriggerOutcomeUnknownException>("a lost answer", () => fake.TriggerAsync(request).GetAwaiter().GetResult());
        var buildId = await fake.FindAsync("key");
        var report = await Conformance.RunAllAsync(new NoopHarness());

        checks.Equal("the build of the lost answer", new FakeTrigger(request, buildId), fake.Triggers[0]);
        checks.Equal("its status", BuildStatus.Failed, (await fake.StatusAsync(buildId!.Value)).Status);
        checks.Equal("the noop conforms", true, report.Conforms);
        checks.Equal("something was proven of it", true, report.Results.Any(result => result.Outcome == ConformanceOutcome.Passed));
        checks.Equal("the report has a line for each case", Conformance.Cases.Count + 2, report.ToMarkdown().Count(character => character == '\n'));
    }
}

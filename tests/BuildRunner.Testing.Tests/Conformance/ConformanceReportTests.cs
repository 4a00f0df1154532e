namespace BuildRunner.Testing.Tests;

[Slow]
public sealed class ConformanceReportTests
{
    [Fact]
    public async Task The_report_of_the_noop_is_a_table_in_Markdown()
    {
        var report = await Conformance.RunAllAsync(new NoopHarness(), TestContext.Current.CancellationToken);

        var markdown = report.ToMarkdown();

        markdown.Should().Be(await GoldenFile.ReadAsync("tests/BuildRunner.Testing.Tests/Conformance/noop.md", markdown));
    }

    [Fact]
    public async Task The_report_of_the_noop_is_a_text_in_columns()
    {
        var report = await Conformance.RunAllAsync(new NoopHarness(), TestContext.Current.CancellationToken);

        var text = report.ToString();

        text.Should().Be(await GoldenFile.ReadAsync("tests/BuildRunner.Testing.Tests/Conformance/noop.txt", text));
    }

    [Fact]
    public async Task A_reason_does_not_break_the_table_or_the_columns()
    {
        var runner = Substitute.For<IBuildRunner>();
        runner.TriggerAsync(Arg.Any<BuildRequest>(), Arg.Any<CancellationToken>()).Returns<Task<BuildId>>(_ => throw new InvalidTimeZoneException("this | that\r\nand\nmore"));

        var report = await Conformance.RunAllAsync(new StubHarness(runner), TestContext.Current.CancellationToken);

        report.ToMarkdown().TrimEnd('\n').Split('\n').Should().HaveCount(Conformance.Cases.Count + 2)
            .And.OnlyContain(line => line.Replace("\\|", "").Split('|').Length == 6);
        report.ToString().TrimEnd('\n').Split('\n').Should().HaveCount(Conformance.Cases.Count + 1);
    }

    [Fact]
    public async Task Results_are_in_the_order_of_the_cases()
    {
        var report = await Conformance.RunAllAsync(new NoopHarness(), TestContext.Current.CancellationToken);

        report.Results.Select(result => result.Case).Should().Equal(Conformance.Cases);
    }

    [Fact]
    public async Task Clauses_of_which_nothing_was_tried_are_named()
    {
        var report = await Conformance.RunAllAsync(new NoopHarness(), TestContext.Current.CancellationToken);

        report.UnprovenClauses.Should().Equal("T1", "T2", "T8", "S2", "S3", "S4", "C1", "C3", "A3", "A4", "A5");
    }

    [Theory(Timeout = 600_000)]
    [InlineData(typeof(DoesNotSayTheKind), true)]
    [InlineData(typeof(BlamesTheBase), true)]
    [InlineData(typeof(TakesFailedForCancelled), false)]
    public async Task A_runner_conforms_unless_it_breaks_a_MUST(Type mutant, bool conforms)
    {
        var report = await Conformance.RunAllAsync(new MutantHarness(mutant), TestContext.Current.CancellationToken);

        report.Results.Should().Contain(result => result.Outcome == ConformanceOutcome.Failed);
        report.Conforms.Should().Be(conforms);
    }
}

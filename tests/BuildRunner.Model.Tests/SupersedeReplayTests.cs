using BuildRunner.Model.Supersede;
using BuildRunner.Model.Tests.Replays;

namespace BuildRunner.Model.Tests;

/// <summary>The steps of builds that replace others (O19) are those of the orchestrator.</summary>
public sealed class SupersedeReplayTests(ITestOutputHelper output)
{
    /// <summary>Gets the scenarios that are explored here.</summary>
    internal static IEnumerable<string> Scenarios => [NameOf(TaggedBuild.Open), NameOf(TaggedBuild.Absent)];

    public static TheoryData<string> Mutations => ReplayRun.MutationsOf<SupersedeMutation>();

    [Theory]
    [InlineData(TaggedBuild.Open)]
    [InlineData(TaggedBuild.Absent)]
    internal Task The_orchestrator_does_what_the_model_does(TaggedBuild old) => ReplayRun.CheckAsync(Of(old), NameOf(old), output);

    [Theory]
    [MemberData(nameof(Mutations))]
    public Task A_model_with_a_mistake_is_not_what_the_orchestrator_does(string name)
    {
        var mutation = Enum.Parse<SupersedeMutation>(name);
        return ReplayRun.FailsAsync(Of(mutation == SupersedeMutation.CancelsAfterwards ? TaggedBuild.Open : TaggedBuild.Absent, mutation));
    }

    [Fact]
    public Task An_orchestrator_that_compares_no_documents_does_not_do_what_the_model_does() =>
        ReplayRun.FailsAsync(Of(TaggedBuild.Absent, fault: new() { ComparesNoDocuments = true }));

    private static string NameOf(TaggedBuild old) => $"O19: two replace {(old == TaggedBuild.Open ? "an open build" : "each other")}";

    private static Replay<SupersedeState> Of(TaggedBuild old, SupersedeMutation mutation = SupersedeMutation.None, ReplayFault? fault = null) =>
        new(new SupersedeModel(old, mutation), () => new SupersedeProcess(old) { Fault = fault ?? new() }, SupersedeView.Of);
}

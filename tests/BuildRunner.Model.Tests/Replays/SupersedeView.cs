using BuildRunner.Model.Supersede;

namespace BuildRunner.Model.Tests.Replays;

/// <summary>What of two submissions that replace the builds of a tag can be seen in the model and in the product.</summary>
internal sealed record SupersedeView(TaggedBuild Old, TaggedBuild First, TaggedBuild Second, long Version, string Callers)
{
    public static SupersedeView Of(SupersedeState state) =>
        new(state.Old, state.FirstBuild, state.SecondBuild, state.Version, $"{state.First.Step} {state.Second.Step}");
}

using System.Reflection;

namespace BuildRunner.Tests.Builds;

public sealed class BuildVocabularyTests
{
    [Fact]
    public void The_metadata_keys_never_change()
    {
        ConstantsOf(typeof(BuildMetadataKeys)).Should().Equal(new Dictionary<string, string>
        {
            ["Url"] = "url",
            ["NativeState"] = "native_state",
            ["FailureKind"] = "failure_kind",
            ["FailedSide"] = "failed_side",
            ["Attempt"] = "attempt",
            ["Commit"] = "commit",
            ["DurationMs"] = "duration_ms",
            ["ReusedFrom"] = "reused_from",
            ["ConflictPaths"] = "conflict_paths",
        });
    }

    [Fact]
    public void The_failure_kinds_never_change()
    {
        ConstantsOf(typeof(BuildFailureKinds)).Should().Equal(new Dictionary<string, string>
        {
            ["Code"] = "code",
            ["Infra"] = "infra",
            ["Timeout"] = "timeout",
            ["Blocked"] = "blocked",
            ["Skipped"] = "skipped",
            ["Conflict"] = "conflict",
            ["Rejected"] = "rejected",
        });
    }

    [Fact]
    public void The_failed_sides_never_change()
    {
        ConstantsOf(typeof(BuildFailedSides)).Should().Equal(new Dictionary<string, string> { ["Base"] = "base", ["Head"] = "head" });
    }

    private static Dictionary<string, string> ConstantsOf(Type type) =>
        type.GetFields(BindingFlags.Public | BindingFlags.Static).ToDictionary(field => field.Name, field => (string)field.GetRawConstantValue()!);
}

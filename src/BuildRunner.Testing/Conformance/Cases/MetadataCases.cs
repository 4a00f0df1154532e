namespace BuildRunner.Testing;

/// <summary>Provides the cases for metadata.</summary>
internal static class MetadataCases
{
    public static IEnumerable<ConformanceCase> All =>
    [
        new("T6", "No key of metadata changes what becomes of a build", MetadataChangesNothing),
        new("T6", "Metadata comes back in the snapshot", MetadataComesBack) { Requires = BuildRunnerCapabilities.EchoesMetadata },
    ];

    private static async Task MetadataChangesNothing(ConformanceRun run)
    {
        ConformanceBuild[] kinds = run.Has(BuildRunnerCapabilities.RunsBuilds)
            ? [ConformanceBuild.Succeeds, ConformanceBuild.Fails]
            : [ConformanceBuild.Succeeds];
        var (earlier, _) = await run.RunToEndAsync(ConformanceBuild.Succeeds).ConfigureAwait(false);
        foreach (var kind in kinds)
        {
            var (_, plain) = await run.RunToEndAsync(kind).ConfigureAwait(false);
            var request = await run.RequestAsync(kind).ConfigureAwait(false) with { Metadata = Tempting(earlier) };
            var (buildId, tempted) = await run.RunToEndAsync(request).ConfigureAwait(false);
            ConformanceRun.Check(
                tempted.Status == plain.Status,
                $"A build has ended as {tempted.Status} with metadata and as {plain.Status} without; metadata must not change what the "
                + "runner does.");
            ConformanceRun.Check(
                buildId != earlier,
                $"With metadata that names the build '{earlier}', the trigger returned that build; metadata must not change what the "
                + "runner does.");
        }
    }

    private static BuildMetadata Tempting(BuildId earlier) =>
    [
        new(BuildMetadataKeys.Attempt, "2"),
        new(BuildMetadataKeys.Commit, "0000000000000000000000000000000000000000"),
        new(BuildMetadataKeys.ConflictPaths, "README.md"),
        new(BuildMetadataKeys.DurationMs, "0"),
        new(BuildMetadataKeys.FailedSide, BuildFailedSides.Head),
        new(BuildMetadataKeys.FailureKind, BuildFailureKinds.Code),
        new(BuildMetadataKeys.NativeState, "cancelled"),
        new(BuildMetadataKeys.ReusedFrom, earlier.Value),
        new(BuildMetadataKeys.Url, "https://ci.example.com/"),
        new("status", "failed"),
        new("dry_run", "true"),
        new("", ""),
    ];

    private static async Task MetadataComesBack(ConformanceRun run)
    {
        BuildMetadata given = [new("conformance_first", "1"), new("conformance_second", "zweï \"☃\" 2")];
        var request = await run.RequestAsync(ConformanceBuild.Succeeds).ConfigureAwait(false) with { Metadata = given };
        var buildId = await run.TriggerAsync(request).ConfigureAwait(false);
        CheckEchoed(given, await run.StatusAsync(buildId).ConfigureAwait(false));
        CheckEchoed(given, await run.WaitForEndAsync(buildId).ConfigureAwait(false));
    }

    private static void CheckEchoed(BuildMetadata given, BuildSnapshot snapshot)
    {
        var missing = given.Keys.FirstOrDefault(key => snapshot.Metadata.GetValueOrDefault(key) != given[key]);
        ConformanceRun.Check(
            missing is null,
            $"While the build was {snapshot.Status}, the metadata key '{missing}' did not come back unchanged.");
    }
}

using System.Globalization;
using BuildRunner.Orchestration.Soak;

namespace BuildRunner.Orchestration.Tests.Soak;

/// <summary>All builds of one soak: the same for the same seed.</summary>
internal sealed class SoakPlan
{
    /// <summary>The metadata by which the CI knows what a build is to do.</summary>
    public const string NumberKey = "soak.number";

    /// <summary>The metadata by which the CI knows which attempt it is.</summary>
    public const string AttemptKey = "soak.attempt";

    /// <summary>The number of attempts of a build that is tried again.</summary>
    public const int MaxAttempts = 3;

    private const int MaxWave = 500;
    private const int HangingPercent = 5;
    private const int LimitedPercent = 6;

    // More than the processes call at a time.
    private const int Probes = 24;

    // Longer than any outage and any slowness that is no fault.
    private static readonly TimeSpan LongTimeout = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan ShortTimeout = TimeSpan.FromSeconds(3);

    private static readonly FakeBuild Infra = FakeBuild.Fails(TimeSpan.FromMilliseconds(300), BuildFailureKinds.Infra);

    public SoakPlan(SoakOptions options)
    {
        var random = options.Random(1);
        Random = [.. Enumerable.Range(0, options.Builds).Select(number => Draw(number, IsHanging(number, options.Builds), random))];
        Random = [.. Grouped([.. Random], options.Random(6))];
        Alone = [.. Enumerable.Range(options.Builds, Probes).Select(Probe)];
        Hanging = [.. Enumerable.Range(options.Builds + Probes, Probes).Select(Hang)];
        Beside = [.. Enumerable.Range(options.Builds + (2 * Probes), Probes).Select(Probe)];
        Builds = [.. Random, .. Alone, .. Hanging, .. Beside];
    }

    private SoakPlan(IReadOnlyList<PlannedBuild> builds) => (Builds, Random, Alone, Hanging, Beside) = (builds, builds, [], [], []);

    public IReadOnlyList<PlannedBuild> Builds { get; }

    /// <summary>Gets the builds of the time in which processes are killed.</summary>
    public IReadOnlyList<PlannedBuild> Random { get; }

    /// <summary>Gets the builds that are measured first, without builds of the hanging runner.</summary>
    public IReadOnlyList<PlannedBuild> Alone { get; }

    /// <summary>Gets as many builds of the hanging runner, which nobody waits for.</summary>
    public IReadOnlyList<PlannedBuild> Hanging { get; }

    /// <summary>Gets the builds that are measured beside builds of the hanging runner.</summary>
    public IReadOnlyList<PlannedBuild> Beside { get; }

    /// <summary>Plans short builds of the limited runner alone.</summary>
    public static SoakPlan OfLimited(SoakOptions options)
    {
        var random = options.Random(1);
        return new([.. Enumerable.Range(0, options.Builds).Select(number => Probe(number) with { Runner = SoakStage.Limited, Script = FakeBuild.Succeeds(TimeSpan.FromMilliseconds(100 + random.Next(900))) })]);
    }

    public static BuildRequest RequestOf(PlannedBuild build) =>
        new() { Head = [Submissions.Change], Metadata = [new(NumberKey, build.Number.ToString(CultureInfo.InvariantCulture))] };

    public PlannedBuild Of(BuildRequest request) => Builds[int.Parse(request.Metadata[NumberKey], CultureInfo.InvariantCulture)];

    public FakeBuild ScriptOf(BuildRequest request)
    {
        var planned = Of(request);
        return int.Parse(request.Metadata[AttemptKey], CultureInfo.InvariantCulture) > planned.Failures ? planned.Script : Infra;
    }

    // Pairs, here and there.
    private static PlannedBuild[] Grouped(PlannedBuild[] builds, Random random)
    {
        for (var i = 0; i + 1 < builds.Length; i++)
        {
            if (random.Next(12) == 0)
            {
                PlannedGroup group = new(i, random.Next(2) == 0, random.Next(3) > 0);
                builds[i] = builds[i] with { Group = group, IsRepeated = false };
                builds[i + 1] = builds[i + 1] with { Group = group, IsRepeated = false };
                i++;
            }
        }

        return builds;
    }

    // In waves, so that there is time with builds of the hanging runner, and time without. Early in each, because no others take as long.
    private static bool IsHanging(int number, int count)
    {
        var wave = Math.Min(count, MaxWave);
        var place = (number % wave) - (wave / 10);
        return place >= 0 && place <= wave * HangingPercent / 100;
    }

    private static PlannedBuild Draw(int number, bool hangs, Random random)
    {
        if (hangs)
        {
            return Hang(number);
        }

        var script = Script(random);
        TimeSpan? cancelsAfter = random.Next(100) < 5 ? TimeSpan.FromMilliseconds(random.Next(3000)) : null;
        PlannedBuild build = new(number, SoakStage.Healthy, script, LongTimeout, cancelsAfter, random.Next(10) == 0, random.Next(50) == 0);
        if (build.NeverEnds)
        {
            return build with { Timeout = ShortTimeout };
        }

        // A signal for an earlier attempt is refused.
        var failures = random.Next(10) == 0 ? 1 + random.Next(MaxAttempts) : 0;
        var runner = random.Next(100) < LimitedPercent ? SoakStage.Limited : build.Runner;
        return build with { Runner = runner, Failures = failures, IsFlooded = build.IsFlooded && failures == 0 };
    }

    private static PlannedBuild Hang(int number) => new(number, SoakStage.Hanging, FakeBuild.Succeeds(), ShortTimeout, null, IsFlooded: false, IsRepeated: false);

    private static PlannedBuild Probe(int number) => new(number, SoakStage.Healthy, FakeBuild.Succeeds(TimeSpan.FromSeconds(2)), LongTimeout, null, IsFlooded: false, IsRepeated: false);

    private static FakeBuild Script(Random random)
    {
        List<FakeBuildStep> steps = [new(BuildStatus.Accepted, TimeSpan.FromMilliseconds(random.Next(500)))];
        if (random.Next(20) == 0)
        {
            steps.Add(new(BuildStatus.Unknown, TimeSpan.FromMilliseconds(random.Next(600))) { NativeState = "on hold" });
        }

        var never = random.Next(100) < 3;
        steps.Add(new(BuildStatus.Running, never ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(300 + random.Next(3000))));
        if (!never && random.Next(20) == 0)
        {
            // Its worker was lost.
            steps.Add(new(BuildStatus.Accepted, TimeSpan.FromMilliseconds(random.Next(500))));
            steps.Add(new(BuildStatus.Running, TimeSpan.FromMilliseconds(random.Next(1000))));
        }

        var fails = random.Next(4) == 0;
        return FakeBuild.GoesThrough(steps) with
        {
            End = fails ? BuildStatus.Failed : BuildStatus.Succeeded,
            Metadata = fails ? [new(BuildMetadataKeys.FailureKind, BuildFailureKinds.Code)] : BuildMetadata.Empty,
            IgnoresCancelFor = random.Next(5) switch { 0 => Timeout.InfiniteTimeSpan, 1 => TimeSpan.FromMilliseconds(random.Next(1000)), _ => TimeSpan.Zero },
            VanishesAfter = random.Next(200) == 0 ? TimeSpan.FromMilliseconds(200 + random.Next(1500)) : null,
        };
    }
}

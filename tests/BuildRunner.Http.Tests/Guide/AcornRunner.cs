using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using BuildRunner;
using BuildRunner.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Acorn;

public sealed class AcornOptions : HttpBuildRunnerOptions
{
    public Uri? Url { get; set; }

    public Func<CancellationToken, ValueTask<string>>? Token { get; set; }

    public override IEnumerable<string> Validate() => Url is null || Token is null ? ["Url and Token are needed.", .. base.Validate()] : base.Validate();
}

/// <summary>A runner for Acorn, a CI that exists only on one page of documentation.</summary>
public sealed class AcornRunner : IBuildRunner, IBuildFinder, IBuildStatusReader
{
    private readonly HttpBackend _acorn;
    private readonly BatchReader<long, Run> _runs;

    internal AcornRunner(HttpBuildRunnerContext<AcornOptions> context)
    {
        _acorn = context.CreateBackend(new()
        {
            Name = "acorn",
            BaseAddress = context.Options.Url!,
            Credentials = async (_, cancellationToken) => HttpCredential.Bearer(await context.Options.Token!(cancellationToken)),
        });
        _runs = new(_acorn, ReadManyAsync, new() { Freshness = context.Options.Freshness, IsFinal = static run => StatusOf(run).IsTerminal() });
    }

    public TimeSpan Freshness => _runs.Freshness;

    public async Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.TriggerKey is { } key && await FindRunAsync(key, cancellationToken) is { } earlier)
        {
            return earlier.Request!.Base.SequenceEqual(request.Base) && earlier.Request.Head.SequenceEqual(request.Head)
                ? IdOf(earlier)
                : throw new BuildRunnerException($"The trigger key belongs to run {earlier.Id}, which has another base or head.");
        }

        using var message = HttpJson.Post("runs", new NewRun(LabelOf(request.TriggerKey), request), AcornJson.Default.NewRun);
        return await _acorn.CreateAsync(
            message,
            static reply => reply.TryReadJson(AcornJson.Default.Run, out var run) && run.Id > 0 ? IdOf(run) : null,
            request.TriggerKey is null ? null : token => FindAsync(request.TriggerKey, token),
            cancellationToken: cancellationToken);
    }

    public Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default) =>
        StatusAsync(buildId, TimeSpan.MaxValue, cancellationToken);

    public async Task<BuildSnapshot> StatusAsync(BuildId buildId, TimeSpan maxAge, CancellationToken cancellationToken = default)
    {
        var id = NumberOf(buildId);

        // A build that is missing from the list is read by itself: that it is missing proves nothing.
        var run = await _runs.GetFreshAsync(id, maxAge, cancellationToken) ?? await ReadAsync(buildId, id, cancellationToken);
        KeyValuePair<string, string> state = new(BuildMetadataKeys.NativeState, run.State ?? "");
        KeyValuePair<string, string> kind = new(BuildMetadataKeys.FailureKind, run.State == "broken" ? BuildFailureKinds.Code : BuildFailureKinds.Infra);
        BuildMetadata own = StatusOf(run) == BuildStatus.Failed ? [state, kind] : [state];
        return new BuildSnapshot { Status = StatusOf(run), Metadata = (run.Request?.Metadata ?? BuildMetadata.Empty).SetItems(own) };
    }

    public async Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        var id = NumberOf(buildId);
        using var message = HttpJson.Post($"runs/{id}/stop", new Stop("cancelled by its caller"), AcornJson.Default.Stop);
        try
        {
            await _acorn.CancelAsync(
                message, buildId, async token => StatusOf(await ReadAsync(buildId, id, token)).IsTerminal(), cancellationToken: cancellationToken);
        }
        finally
        {
            // The cancel may have reached the service even if the call failed.
            _runs.Forget(id);
        }
    }

    public async Task<BuildId?> FindAsync(string triggerKey, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(triggerKey);
        return await FindRunAsync(triggerKey, cancellationToken) is { } run ? IdOf(run) : null;
    }

    private static BuildStatus StatusOf(Run run) => run.State switch
    {
        "waiting" => BuildStatus.Accepted,
        "running" => BuildStatus.Running,
        "passed" => BuildStatus.Succeeded,
        "broken" or "crashed" => BuildStatus.Failed,
        "stopped" => BuildStatus.Cancelled,
        _ => BuildStatus.Unknown,
    };

    private static BuildId IdOf(Run run) => new(run.Id.ToString(CultureInfo.InvariantCulture));

    // Ids come from a store. Only a number may become part of an address.
    private static long NumberOf(BuildId buildId)
    {
        BuildId.ThrowIfDefault(buildId);
        return long.TryParse(buildId.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : throw new BuildNotFoundException(buildId);
    }

    // A label allows few characters, so a token is searched for, and the key itself is compared.
    private static string? LabelOf(string? key) => key is null ? null : BuildInput.TokenOf(key);

    private async Task<Run?> FindRunAsync(string key, CancellationToken cancellationToken)
    {
        var list = await _acorn.ReadAsync($"runs?label={LabelOf(key)}", AcornJson.Default.RunList, operation: HttpOperations.Check, cancellationToken: cancellationToken);
        return list?.Runs?.Where(run => run.Request?.TriggerKey == key).MinBy(static run => run.Id);
    }

    private async Task<Run> ReadAsync(BuildId buildId, long id, CancellationToken cancellationToken) =>
        await _acorn.ReadAsync($"runs/{id}", AcornJson.Default.Run, buildId, cancellationToken: cancellationToken) ?? throw new BuildNotFoundException(buildId);

    private async Task<IReadOnlyDictionary<long, Run>> ReadManyAsync(IReadOnlyList<long> ids, CancellationToken cancellationToken)
    {
        var list = await _acorn.ReadAsync($"runs?ids={string.Join(',', ids)}", AcornJson.Default.RunList, cancellationToken: cancellationToken);
        return (list?.Runs ?? []).GroupBy(static run => run.Id).ToDictionary(static runs => runs.Key, static runs => runs.Last());
    }
}

public static class AcornServices
{
    public static IServiceCollection AddAcornRunner(this IServiceCollection services, Action<AcornOptions> configure) =>
        services.AddHttpBuildRunner<AcornRunner, AcornOptions>(serviceKey: null, configure, static context => new AcornRunner(context));

    public static IServiceCollection AddKeyedAcornRunner(this IServiceCollection services, string serviceKey, Action<AcornOptions> configure) =>
        services.AddHttpBuildRunner<AcornRunner, AcornOptions>(serviceKey, configure, static context => new AcornRunner(context));
}

internal sealed record NewRun(string? Label, BuildRequest Request);
internal sealed record Run(long Id, string? State, BuildRequest? Request);
internal sealed record RunList(IReadOnlyList<Run>? Runs);
internal sealed record Stop(string Reason);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(NewRun)), JsonSerializable(typeof(Run)), JsonSerializable(typeof(RunList)), JsonSerializable(typeof(Stop))]
internal sealed partial class AcornJson : JsonSerializerContext;

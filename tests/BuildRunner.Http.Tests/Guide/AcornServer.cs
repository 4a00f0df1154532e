using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Http.Tests.Guide;

/// <summary>The CI of the guide: an HTTP server whose runs live by a clock, and end as their changes say.</summary>
internal sealed class AcornServer(TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan Waiting = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Running = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Stubborn = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<long, Entry> _runs = new();
    private readonly WebApplication _application = Create();
    private long _last;

    public string Token { get; } = $"acorn-{Guid.NewGuid():N}";

    public Uri Address => new($"{_application.Urls.Single()}/api/");

    public async Task StartAsync()
    {
        _application.Use(async (context, next) =>
        {
            if (context.Request.Headers.Authorization != $"Bearer {Token}")
            {
                await Results.Json(new { error = "who are you?" }, statusCode: StatusCodes.Status401Unauthorized).ExecuteAsync(context);
                return;
            }

            await next(context);
        });
        var runs = _application.MapGroup("api/runs");
        runs.MapPost("", (Body body) => Add(body));
        runs.MapGet("", (string? ids, string? label) => Results.Json(new { runs = List(ids, label).Select(Show) }));
        runs.MapGet("{id:long}", (long id) => _runs.TryGetValue(id, out var run) ? Results.Json(Show(run)) : Missing());
        runs.MapPost("{id:long}/stop", Stop);
        await _application.StartAsync();
    }

    public void SetState(BuildId buildId, string state) => Of(buildId).State = state;

    public BuildRequest RequestOf(BuildId buildId) => Of(buildId).Body.Request;

    public async ValueTask DisposeAsync() => await _application.DisposeAsync();

    private static WebApplication Create()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        return builder.Build();
    }

    private static IResult Missing() => Results.Json(new { error = "no such run" }, statusCode: StatusCodes.Status404NotFound);

    private static bool Has(Entry run, string kind) =>
        run.Body.Request.Base.Concat(run.Body.Request.Head).SelectMany(static change => change.Uris).Any(uri => uri.StartsWith($"acorn:{kind}/", StringComparison.Ordinal));

    private IResult Add(Body body)
    {
        Entry run = new(Interlocked.Increment(ref _last), body, time.GetUtcNow());
        if (Has(run, "Rejected"))
        {
            return Results.Json(new { error = "this change cannot be built" }, statusCode: StatusCodes.Status422UnprocessableEntity);
        }

        _runs[run.Id] = run;
        return Results.Json(Show(run), statusCode: StatusCodes.Status201Created);
    }

    private IEnumerable<Entry> List(string? ids, string? label)
    {
        var wanted = ids?.Split(',').Select(static id => long.Parse(id, CultureInfo.InvariantCulture)).ToHashSet();
        return _runs.Values.Where(run => wanted?.Contains(run.Id) != false && (label is null || run.Body.Label == label));
    }

    private IResult Stop(long id)
    {
        if (!_runs.TryGetValue(id, out var run))
        {
            return Missing();
        }

        if (StateOf(run) is not ("waiting" or "running"))
        {
            return Results.Json(new { error = "the run has ended" }, statusCode: StatusCodes.Status409Conflict);
        }

        run.StoppedAt ??= time.GetUtcNow();
        return Results.Json(Show(run), statusCode: StatusCodes.Status202Accepted);
    }

    private string StateOf(Entry run)
    {
        var now = time.GetUtcNow();
        var age = now - run.CreatedAt;
        return run switch
        {
            { StoppedAt: { } stopped } when now - stopped >= (Has(run, "IgnoresCancel") ? Stubborn : TimeSpan.Zero) => "stopped",
            { State: { } state } => state,
            _ when age < Waiting => "waiting",
            _ when age < Running || Has(run, "RunsLong") || Has(run, "IgnoresCancel") => "running",
            _ => Has(run, "Fails") ? "broken" : "passed",
        };
    }

    private object Show(Entry run) => new { id = run.Id, state = StateOf(run), label = run.Body.Label, request = JsonSerializer.SerializeToElement(run.Body.Request) };

    private Entry Of(BuildId buildId) => _runs[long.Parse(buildId.Value, CultureInfo.InvariantCulture)];

    internal sealed record Body(string? Label, BuildRequest Request);

    private sealed class Entry(long id, Body body, DateTimeOffset createdAt)
    {
        public long Id { get; } = id;

        public Body Body { get; } = body;

        public DateTimeOffset CreatedAt { get; } = createdAt;

        public DateTimeOffset? StoppedAt { get; set; }

        public string? State { get; set; }
    }
}

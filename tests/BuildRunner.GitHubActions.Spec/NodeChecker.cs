using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Web;

namespace BuildRunner.GitHubActions.Spec;

/// <summary>A second opinion, by code that is not ours: Prism, and the reference implementation of GraphQL on GitHub's schema.</summary>
/// <remarks>Thread-safe. A process that answers one question after the other. It ends when it is disposed of, and with the test.</remarks>
public sealed class NodeChecker : IAsyncDisposable
{
    private readonly Process _process;
    private readonly SemaphoreSlim _turn = new(1, 1);

    private NodeChecker(Process process) => _process = process;

    /// <summary>Starts the process; where it cannot be had, the test is skipped, or fails on a build server (<c>CI=true</c>).</summary>
    public static async Task<NodeChecker> StartAsync()
    {
        var directory = await NpmChecks.GetPathAsync();
        ProcessStartInfo start = new("node", ["oracle.mjs"])
        {
            WorkingDirectory = directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        return new(Process.Start(start)!);
    }

    /// <summary>Gets what Prism has against a request and its answer: nothing, if they are right.</summary>
    public Task<IReadOnlyList<string>> CheckAsync(GitHubSpec spec, ApiRequest request, ApiReply reply, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var query = HttpUtility.ParseQueryString(request.Address.Query);
        return AskAsync(
            new JsonObject
            {
                ["kind"] = "rest",
                ["document"] = spec.Document,
                ["request"] = new JsonObject
                {
                    ["method"] = request.Method.ToLowerInvariant(),
                    ["path"] = GitHubSpec.PathOf(request),
                    ["query"] = new JsonObject(query.AllKeys.Select(name => KeyValuePair.Create(name ?? "", (JsonNode?)query[name]))),
                    ["headers"] = HeadersOf(request.Headers),
                    ["body"] = BodyOf(request.Body),
                },
                ["reply"] = new JsonObject
                {
                    ["statusCode"] = reply.Status,
                    ["headers"] = HeadersOf(reply.Headers),
                    ["body"] = BodyOf(reply.Body),
                },
            },
            cancellationToken);
    }

    /// <summary>Gets what is wrong with a request to GraphQL and its answer: nothing, if they are right.</summary>
    /// <param name="request">The body of the request.</param>
    /// <param name="reply">The body of the answer; null leaves it out.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<IReadOnlyList<string>> CheckGraphAsync(string request, string? reply, CancellationToken cancellationToken)
    {
        var call = JsonNode.Parse(request)!;
        return AskAsync(
            new JsonObject
            {
                ["kind"] = "graph",
                ["query"] = call["query"]?.DeepClone(),
                ["variables"] = call["variables"]?.DeepClone(),
                ["data"] = reply is null ? null : JsonNode.Parse(reply)!["data"]?.DeepClone(),
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _turn.Dispose();
    }

    private static JsonObject HeadersOf(IReadOnlyDictionary<string, string> headers) =>
        new(headers.Select(static header => KeyValuePair.Create<string, JsonNode?>(header.Key.ToLowerInvariant(), header.Value)));

    private static JsonNode? BodyOf(string body) => body.Length == 0 ? null : ApiJson.TryRead(body, out var json) ? json : body;

    private async Task<IReadOnlyList<string>> AskAsync(JsonObject call, CancellationToken cancellationToken)
    {
        // A question that was asked is answered, so that the next one is not given its answer.
        await _turn.WaitAsync(cancellationToken);
        try
        {
            await _process.StandardInput.WriteLineAsync(call.ToJsonString());
            await _process.StandardInput.FlushAsync(CancellationToken.None);
            var answer = await _process.StandardOutput.ReadLineAsync(CancellationToken.None)
                ?? throw new InvalidOperationException("The process of the checker has ended; its standard error says why.");
            return JsonSerializer.Deserialize<string[]>(answer)!;
        }
        finally
        {
            _turn.Release();
        }
    }
}

using System.Collections.Concurrent;

namespace BuildRunner.GitHubActions.Spec;

/// <summary>Holds each request and its answer against GitHub's specification. What is wrong is collected; nothing is changed.</summary>
/// <remarks>Thread-safe. Put it directly in front of the stand-in for GitHub, after handlers that lose or spoil answers on purpose.</remarks>
/// <param name="spec">The specification.</param>
/// <param name="checker">A second opinion, which also checks GraphQL; null leaves both out.</param>
public sealed class SpecCheckingHandler(GitHubSpec spec, NodeChecker? checker = null) : DelegatingHandler
{
    private readonly ConcurrentQueue<string> _violations = [];
    private readonly ConcurrentDictionary<string, int> _operations = [];

    /// <summary>Gets or sets what tells requests to the API from others, such as that for a log. By default all are to the API.</summary>
    public Predicate<Uri> IsApi { get; set; } = static _ => true;

    /// <summary>Gets what was wrong so far.</summary>
    public IReadOnlyCollection<string> Violations => [.. _violations];

    /// <summary>Gets how often each operation was called, by GitHub's name for it; <c>graphql</c> is all of GraphQL.</summary>
    public IReadOnlyDictionary<string, int> Operations => _operations;

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!IsApi(request.RequestUri!))
        {
            return await base.SendAsync(request, cancellationToken);
        }

        var sent = await ApiRequest.ReadAsync(request, cancellationToken);
        var isGraph = sent.Address.AbsolutePath is "/graphql" or "/api/graphql";
        _operations.AddOrUpdate(isGraph ? "graphql" : spec.OperationOf(sent) ?? "none", 1, static (_, count) => count + 1);
        Add(isGraph ? [] : spec.CheckRequest(sent));
        var response = await base.SendAsync(request, cancellationToken);
        var reply = await ApiReply.ReadAsync(response, cancellationToken);
        Add(isGraph ? [] : spec.CheckReply(sent, reply));
        if (checker is not null && reply.Status < 400)
        {
            Add(isGraph
                ? await checker.CheckGraphAsync(sent.Body, reply.Body, cancellationToken)
                : await checker.CheckAsync(spec, sent, reply, cancellationToken));
        }

        return response;
    }

    private void Add(IEnumerable<string> violations)
    {
        foreach (var violation in violations)
        {
            _violations.Enqueue(violation);
        }
    }
}

using System.Text;
using BuildRunner.Testing;

namespace BuildRunner.Git.Tests.Conformance;

/// <summary>The git runner with a remote that asks for credentials. Only Trigger asks the remote; Status and Cancel are answered from the state directory.</summary>
internal sealed class RemoteHarness : GitHarness
{
    private readonly string _token = Guid.NewGuid().ToString("N");
    private volatile TaskCompletionSource? _refusal;
    private TestRepository _clone = null!;
    private GitHttpServer _server = null!;

    public override IReadOnlyList<string> Secrets => [_token];

    public override async Task OpenAsync()
    {
        await base.OpenAsync();
        _clone = await TestRepository.CloneAsync(Repository);
        _server = new GitHttpServer(Repository) { Answer = (request, _) => Task.FromResult(Answer(request)) };
    }

    public override Task<ConformanceInjection?> InjectAsync(ConformanceFault fault, ConformanceCall failingCall, CancellationToken cancellationToken)
    {
        if (fault != ConformanceFault.CredentialsRefused || failingCall != ConformanceCall.Trigger)
        {
            return Task.FromResult<ConformanceInjection?>(null);
        }

        TaskCompletionSource refusal = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _refusal = refusal;
        return Task.FromResult<ConformanceInjection?>(new ConformanceInjection(refusal.Task, () =>
        {
            _refusal = null;
            return ValueTask.CompletedTask;
        }));
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _server.DisposeAsync();
        _clone.Dispose();
    }

    protected override void Configure(GitBuildRunnerOptions options)
    {
        base.Configure(options);
        options.Repository = _clone.Path;
        options.Remote = _server.Address;
        options.RemoteCredentials = _ => ValueTask.FromResult<GitCredentials?>(new("bot", _token));
    }

    // A refusal shows what was sent, as some servers do.
    private ServedAnswer? Answer(ServedRequest request)
    {
        var refusal = _refusal;
        refusal?.TrySetResult();
        return refusal is null && request.Authorization == "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("bot:" + _token))
            ? null
            : new ServedAnswer(401, "WWW-Authenticate: Basic realm=\"test\"", $"{request.Authorization} is not allowed");
    }
}

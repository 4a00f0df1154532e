using System.Net;
using System.Text;

namespace BuildRunner.Testing;

/// <summary>Provides a <see cref="DelegatingHandler"/> that makes calls fail, for the harness of a runner over HTTP. Put it between the
/// runner and its transport, and return <see cref="Inject"/> from <see cref="ConformanceHarness.InjectAsync"/>.</summary>
/// <remarks>Safe for concurrent use. It does not see the requests that a transport repeats by itself; a <see cref="LossyTcpProxy"/>
/// does.</remarks>
public sealed class FaultInjectingHandler : DelegatingHandler
{
    private readonly Func<HttpRequestMessage, ConformanceCall?> _callOf;
    private readonly Lock _lock = new();
    private readonly List<Fault> _faults = [];

    /// <summary>Initializes a new instance of the <see cref="FaultInjectingHandler"/> class.</summary>
    /// <param name="callOf">Returns the kind of call that a request belongs to: the create of a trigger, the read of a status, or a stop.
    /// Requests for which it returns <see langword="null"/> pass.</param>
    /// <param name="innerHandler">The handler that sends the requests that pass.</param>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    public FaultInjectingHandler(Func<HttpRequestMessage, ConformanceCall?> callOf, HttpMessageHandler innerHandler)
        : base(innerHandler)
    {
        ArgumentNullException.ThrowIfNull(callOf);
        ArgumentNullException.ThrowIfNull(innerHandler);
        _callOf = callOf;
    }

    /// <summary>Injects a fault into the next create, or into every read or stop until it is withdrawn. <see
    /// cref="ConformanceFault.CredentialsRefused"/> affects every call until then.</summary>
    /// <param name="fault">The fault.</param>
    /// <param name="failingCall">The kind of call.</param>
    /// <param name="retryAfter">The delay of <see cref="ConformanceFault.RateLimited"/>, in whole seconds. Pass
    /// <see cref="ConformanceHarness.InjectedRetryAfter"/>.</param>
    /// <returns>The injected fault.</returns>
    public ConformanceInjection Inject(ConformanceFault fault, ConformanceCall failingCall, TimeSpan retryAfter)
    {
        Fault injected = new(fault, failingCall, retryAfter);
        lock (_lock)
        {
            _faults.Add(injected);
        }

        return new ConformanceInjection(injected.Reached.Task, () =>
        {
            lock (_lock)
            {
                _faults.Remove(injected);
            }

            injected.Withdrawn.TrySetResult();
            return ValueTask.CompletedTask;
        });
    }

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (Take(request) is not { } fault)
        {
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }

        if (request.Content is not null && fault.Kind != ConformanceFault.AnswerLost)
        {
            // A transport writes the request before anything can fail.
            await request.Content.CopyToAsync(Stream.Null, cancellationToken).ConfigureAwait(false);
        }

        switch (fault.Kind)
        {
            case ConformanceFault.AnswerLost:
                using (await base.SendAsync(request, cancellationToken).ConfigureAwait(false))
                {
                    fault.Reached.TrySetResult();
                    throw new HttpRequestException(HttpRequestError.ResponseEnded, "The answer was lost.");
                }

            case ConformanceFault.TimedOut:
                fault.Reached.TrySetResult();
                throw new TaskCanceledException("The request timed out.", new TimeoutException());
            case ConformanceFault.Hangs:
                fault.Reached.TrySetResult();
                await fault.Withdrawn.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
                throw new HttpRequestException(HttpRequestError.ResponseEnded, "The fault was withdrawn.");
            default:
                fault.Reached.TrySetResult();
                return AnswerOf(fault, request);
        }
    }

    private static HttpResponseMessage AnswerOf(Fault fault, HttpRequestMessage request)
    {
        var status = fault.Kind switch
        {
            ConformanceFault.RateLimited => HttpStatusCode.TooManyRequests,
            ConformanceFault.CredentialsRefused => HttpStatusCode.Unauthorized,
            _ when fault.Call == ConformanceCall.Trigger => HttpStatusCode.UnprocessableEntity,
            _ => HttpStatusCode.Conflict,
        };
        HttpResponseMessage response = new(status)
        {
            RequestMessage = request,
            Content = new StringContent("{\"error\":\"injected\"}", Encoding.UTF8, "application/json"),
        };
        if (fault.Kind == ConformanceFault.RateLimited)
        {
            response.Headers.RetryAfter = new(fault.RetryAfter);
        }

        return response;
    }

    private Fault? Take(HttpRequestMessage request)
    {
        var call = _callOf(request);
        lock (_lock)
        {
            var fault = _faults.Find(fault => fault.Call == call || fault.Kind == ConformanceFault.CredentialsRefused);
            if (fault is { Call: ConformanceCall.Trigger } && fault.Kind != ConformanceFault.CredentialsRefused)
            {
                _faults.Remove(fault);
            }

            return fault;
        }
    }

    private sealed class Fault(ConformanceFault kind, ConformanceCall call, TimeSpan retryAfter)
    {
        public ConformanceFault Kind { get; } = kind;

        public ConformanceCall Call { get; } = call;

        public TimeSpan RetryAfter { get; } = retryAfter;

        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Withdrawn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

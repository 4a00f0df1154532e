using System.Net;
using System.Text;

namespace BuildRunner.Testing;

/// <summary>
/// Provides a transport that lets calls go wrong, for the harness of a runner over HTTP: put it between the runner and its own transport, and let <see cref="ConformanceHarness.InjectAsync"/> return <see cref="Inject"/>.
/// </summary>
/// <remarks>Safe for concurrent use. What a transport repeats by itself happens below this handler, unseen. A <see cref="LossyTcpProxy"/> sees it.</remarks>
public sealed class FaultInjectingHandler : DelegatingHandler
{
    private readonly Func<HttpRequestMessage, ConformanceCall?> _callOf;
    private readonly Lock _lock = new();
    private readonly List<Fault> _faults = [];

    /// <summary>
    /// Initializes a new instance of the <see cref="FaultInjectingHandler"/> class.
    /// </summary>
    /// <param name="callOf">Tells what a request is for: the create of a trigger, a read of a status, or a stop; <see langword="null"/> for anything else, which is let through.</param>
    /// <param name="innerHandler">What sends the requests that are let through.</param>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    public FaultInjectingHandler(Func<HttpRequestMessage, ConformanceCall?> callOf, HttpMessageHandler innerHandler)
        : base(innerHandler)
    {
        ArgumentNullException.ThrowIfNull(callOf);
        ArgumentNullException.ThrowIfNull(innerHandler);
        _callOf = callOf;
    }

    /// <summary>
    /// Lets calls go wrong: the next create, or each read or stop until the fault is taken back. Refused credentials concern each call until then.
    /// </summary>
    /// <param name="fault">How.</param>
    /// <param name="failingCall">Which.</param>
    /// <param name="retryAfter">What <see cref="ConformanceFault.RateLimited"/> asks for, in whole seconds: <see cref="ConformanceHarness.InjectedRetryAfter"/>.</param>
    /// <returns>The fault.</returns>
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
            // As a transport does: the request is written before anything goes wrong.
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
                throw new HttpRequestException(HttpRequestError.ResponseEnded, "The fault was taken back.");
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
        HttpResponseMessage response = new(status) { RequestMessage = request, Content = new StringContent("{\"error\":\"injected\"}", Encoding.UTF8, "application/json") };
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

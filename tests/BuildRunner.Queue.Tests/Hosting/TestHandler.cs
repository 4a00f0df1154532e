using System.Threading.Channels;
using BuildRunner.Queue.Hosting;

namespace BuildRunner.Queue.Tests.Hosting;

/// <summary>A handler. The test takes its deliveries one by one and settles them.</summary>
internal sealed class TestHandler(TestHandler.Script script) : IMessageHandler
{
    public async Task<Outcome> HandleAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        Call call = new(delivery, cancellationToken);

        // The first registration is called last, after the test's own callback.
        await using var registration = cancellationToken.Register(() => script.Tell(call));
        if (script.Always is { } always)
        {
            script.Calls.Writer.TryWrite(call);
            return always(call);
        }

        script.Wait(call);
        return await call.Answer.Task;
    }

    internal sealed class Script(TimeProvider clock, Action changed)
    {
        private readonly Lock _gate = new();
        private readonly List<Call> _waiting = [];

        public Channel<Call> Calls { get; } = Channel.CreateUnbounded<Call>();

        /// <summary>Gets or sets what answers at once, or <see langword="null"/> where the test does.</summary>
        public Func<Call, Outcome>? Always { get; set; }

        /// <summary>Gets or sets a value indicating whether handlers are not waited for any more.</summary>
        public bool IsHurried { get; set; }

        /// <summary>Counts the handlers that wait for the test or for the clock, and that the pump has not given up.</summary>
        public int CountWaiting()
        {
            var now = clock.GetUtcNow();
            lock (_gate)
            {
                _waiting.RemoveAll(call => call.Answer.Task.IsCompleted || (call.ToldAt is { } toldAt && (IsHurried || now - toldAt >= LeasedDeliveries.Patience)));
                return _waiting.Count(static call => call.ToldAt is not null || !call.Token.IsCancellationRequested);
            }
        }

        public void Wait(Call call)
        {
            // Counted only when the test can read it, or time would go on as if nothing had come.
            Calls.Writer.TryWrite(call);
            lock (_gate)
            {
                _waiting.Add(call);
            }

            changed();
        }

        public void Tell(Call call)
        {
            lock (_gate)
            {
                call.ToldAt = clock.GetUtcNow();
            }

            changed();
        }
    }

    internal sealed record Call(Delivery Delivery, CancellationToken Token)
    {
        public TaskCompletionSource<Outcome> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Gets or sets when the handler was told to end, or <see langword="null"/> if it was not.</summary>
        public DateTimeOffset? ToldAt { get; set; }
    }
}

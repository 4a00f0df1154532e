using System.Threading.Channels;

namespace BuildRunner.Queue.Tests.Hosting;

/// <summary>A handler whose deliveries the test takes one by one and answers.</summary>
internal sealed class TestHandler(TestHandler.Script script) : IMessageHandler
{
    public async Task<Outcome> HandleAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        Call call = new(delivery, cancellationToken);
        script.Calls.Writer.TryWrite(call);
        return script.Always is { } always ? always(call) : await call.Answer.Task;
    }

    internal sealed class Script
    {
        public Channel<Call> Calls { get; } = Channel.CreateUnbounded<Call>();

        /// <summary>Gets or sets what answers at once, or <see langword="null"/> where the test does.</summary>
        public Func<Call, Outcome>? Always { get; set; }
    }

    internal sealed record Call(Delivery Delivery, CancellationToken Token)
    {
        public TaskCompletionSource<Outcome> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

namespace BuildRunner.AspNetCore.Tests.Fixtures;

/// <summary>A body that comes in pieces, is of no known length, says how far it was read, and may stop.</summary>
internal sealed class PacedStream(ReadOnlyMemory<byte> content, long? stallsAt = null) : Stream
{
    private readonly TaskCompletionSource _stalled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _position;

    /// <summary>Gets what completes when it has stopped.</summary>
    public Task Stalled => _stalled.Task.WaitAsync(WebhookApp.Safety);

    /// <summary>Gets how much was read.</summary>
    public long Taken => Volatile.Read(ref _position);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_position >= stallsAt)
        {
            _stalled.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }

        var end = Math.Min(content.Length, stallsAt ?? long.MaxValue);
        var count = (int)Math.Min(Math.Min(buffer.Length, 80_000), end - _position);
        content.Slice(_position, count).CopyTo(buffer);
        Interlocked.Add(ref _position, count);
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int ReadByte() => throw new NotSupportedException();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

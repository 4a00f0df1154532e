using BuildRunner;

namespace QuickStart.Views;

/// <summary>The last lines of the log of a build, read on as it grows.</summary>
internal sealed class LogTail(IBuildLogSource? source, int length) : IAsyncDisposable
{
    private readonly Queue<string> _lines = new();
    private StreamReader? _reader;

    public IReadOnlyCollection<string> Lines => _lines;

    /// <summary>Reads what has been written since the last time.</summary>
    public async Task ReadAsync(BuildId buildId)
    {
        if (source is null)
        {
            return;
        }

        _reader ??= new StreamReader(await source.OpenLogAsync(buildId));
        while (await _reader.ReadLineAsync() is { } line)
        {
            _lines.Enqueue(line);
            if (_lines.Count > length)
            {
                _lines.Dequeue();
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        _reader?.Dispose();
        return ValueTask.CompletedTask;
    }
}

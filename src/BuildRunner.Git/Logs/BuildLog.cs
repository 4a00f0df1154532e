using System.Text;

namespace BuildRunner.Git.Logs;

/// <summary>The output of one build in a file, up to a limit, readable while it is written. For one writer at a time.</summary>
internal sealed class BuildLog : IDisposable
{
    private readonly FileStream _file;
    private long _left;
    private bool _isFull;
    private bool _isInLine;

    public BuildLog(string path, long limit)
    {
        // No buffer, so that a reader sees what has been written.
        _file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        _left = limit;
    }

    /// <summary>Gets why the output could not be kept, or <see langword="null"/>.</summary>
    public IOException? Failure { get; private set; }

    /// <summary>Opens a log for reading.</summary>
    public static FileStream OpenRead(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    /// <summary>Writes what the command has put out; drops what is over the limit.</summary>
    public void Append(ReadOnlySpan<byte> output)
    {
        var kept = output[..(int)Math.Min(output.Length, _left)];
        _left -= kept.Length;
        Write(kept);
        if (kept.Length < output.Length && !_isFull)
        {
            _isFull = true;
            Note("the output has reached its limit; the rest is dropped");
        }
    }

    /// <summary>Writes a line of the runner's own.</summary>
    public void Note(string text) => Write(Encoding.UTF8.GetBytes($"{(_isInLine ? "\n" : "")}buildrunner: {text}\n"));

    public void Dispose() => _file.Dispose();

    private void Write(ReadOnlySpan<byte> bytes)
    {
        if (Failure is not null || bytes.IsEmpty)
        {
            return;
        }

        try
        {
            _file.Write(bytes);
            _isInLine = bytes[^1] != (byte)'\n';
        }
        catch (IOException exception)
        {
            // A full disk must not stop the command in the middle of a write; the build is failed by whoever reads this.
            Failure = exception;
        }
    }
}

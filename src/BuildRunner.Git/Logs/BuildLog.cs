using System.Text;

namespace BuildRunner.Git.Logs;

/// <summary>The output of one build in a file, up to a limit, readable while it is written. For one writer at a time.</summary>
internal sealed class BuildLog : IDisposable
{
    private readonly FileStream _file;
    private long _left;
    private bool _isFull;
    private bool _isInLine;
    private string _notes = "";

    public BuildLog(string path, long limit)
    {
        // No buffer, so that a reader sees what has been written.
        _file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        _left = limit;
    }

    /// <summary>Gets why output of the command could not be kept, or <see langword="null"/>.</summary>
    public IOException? Failure { get; private set; }

    /// <summary>Opens a log for reading.</summary>
    public static FileStream OpenRead(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    /// <summary>Writes what the command has put out; drops what is over the limit.</summary>
    public void Append(ReadOnlySpan<byte> output)
    {
        var kept = output[..(int)Math.Min(output.Length, _left)];
        _left -= kept.Length;
        if (Failure is null && !TryWrite(kept, out var failure))
        {
            // A full disk must not stop the command in the middle of a write; the build is failed by whoever reads this.
            Failure = failure;
        }

        if (kept.Length < output.Length && !_isFull)
        {
            _isFull = true;
            Note("the output has reached its limit; the rest is dropped");
        }
    }

    /// <summary>Writes a line of the runner's own. One for which there is no room is written with the next.</summary>
    public void Note(string text)
    {
        _notes += $"{(_isInLine ? "\n" : "")}buildrunner: {text}\n";
        _isInLine = false;
        if (TryWrite(Encoding.UTF8.GetBytes(_notes), out _))
        {
            _notes = "";
        }
    }

    public void Dispose() => _file.Dispose();

    private bool TryWrite(ReadOnlySpan<byte> bytes, out IOException? failure)
    {
        failure = null;
        if (bytes.IsEmpty)
        {
            return true;
        }

        try
        {
            _file.Write(bytes);
            _isInLine = bytes[^1] != (byte)'\n';
            return true;
        }
        catch (IOException exception)
        {
            failure = exception;
            CutOff();
            return false;
        }
    }

    // The part that was written: what comes next begins where this did, and may be shorter.
    private void CutOff()
    {
        try
        {
            _file.SetLength(_file.Position);
        }
        catch (IOException)
        {
            // The disk takes nothing at all.
        }
    }
}

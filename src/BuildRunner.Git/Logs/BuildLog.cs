using System.Text;

namespace BuildRunner.Git.Logs;

/// <summary>Represents the log file of a build, with a size limit. It can be read while it is written. Not thread-safe.</summary>
internal sealed class BuildLog : IDisposable
{
    private readonly FileStream _file;
    private long _left;
    private bool _isFull;
    private bool _isInLine;
    private string _notes = "";

    public BuildLog(string path, long limit)
    {
        // Unbuffered, so that readers see all that was written.
        _file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        _left = limit;
    }

    /// <summary>Gets the error that kept output of the command from being written, or <see langword="null"/>.</summary>
    public IOException? Failure { get; private set; }

    /// <summary>Opens a log for reading.</summary>
    public static FileStream OpenRead(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    /// <summary>Writes output of the command and drops what exceeds the limit.</summary>
    public void Append(ReadOnlySpan<byte> output)
    {
        var kept = output[..(int)Math.Min(output.Length, _left)];
        _left -= kept.Length;
        if (Failure is null && !TryWrite(kept, out var failure))
        {
            // A full disk must not stop the command in the middle of a write; the caller checks this and fails the build.
            Failure = failure;
        }

        if (kept.Length < output.Length && !_isFull)
        {
            _isFull = true;
            Note("the output has reached its limit; the rest is dropped");
        }
    }

    /// <summary>Writes a note of the runner. If the disk is full, the note is written together with the next one.</summary>
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

    // Removes the part that was written: what comes next starts at the same position and may be shorter.
    private void CutOff()
    {
        try
        {
            _file.SetLength(_file.Position);
        }
        catch (IOException)
        {
            // The disk accepts nothing at all.
        }
    }
}

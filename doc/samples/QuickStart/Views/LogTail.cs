using System.Text;
using System.Text.RegularExpressions;
using BuildRunner;

namespace QuickStart.Views;

/// <summary>The last lines of the log of a build, read on as it grows.</summary>
internal sealed partial class LogTail(Func<IBuildLogSource?> source, int length) : IAsyncDisposable
{
    // More is no line for a person to read.
    private const int MaxLineLength = 500;

    private readonly Queue<string> _lines = new();
    private StreamReader? _reader;

    public IReadOnlyCollection<string> Lines => _lines;

    /// <summary>Reads what has been written since the last time.</summary>
    public async Task ReadAsync(BuildId buildId)
    {
        if (source() is not { } logs)
        {
            return;
        }

        _reader ??= new StreamReader(await logs.OpenLogAsync(buildId), Encoding.UTF8, detectEncodingFromByteOrderMarks: false);
        while (await _reader.ReadLineAsync() is { } line)
        {
            _lines.Enqueue(Clean(line));
            if (_lines.Count > length)
            {
                _lines.Dequeue();
            }
        }
    }

    // Colours and movements of the cursor are for a terminal of the command's own.
    private static string Clean(string line)
    {
        var clean = ControlSequence().Replace(line.Length > 2 * MaxLineLength ? line[..(2 * MaxLineLength)] : line, "");
        return clean.Length > MaxLineLength ? clean[..MaxLineLength] + "…" : clean;
    }

    [GeneratedRegex(@"\e\[[0-?]*[ -/]*[@-~]|\p{Cc}")]
    private static partial Regex ControlSequence();

    public ValueTask DisposeAsync()
    {
        _reader?.Dispose();
        return ValueTask.CompletedTask;
    }
}

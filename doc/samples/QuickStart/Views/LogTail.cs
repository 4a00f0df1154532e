using System.Diagnostics;
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
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(3);

    private StreamReader? _reader;
    private long _openedAt;

    public IReadOnlyCollection<string> Lines => _lines;

    /// <summary>Reads what has been written since the last time.</summary>
    /// <param name="buildId">The build.</param>
    /// <param name="isLast">Whether the build has ended, so that nothing is written any more.</param>
    public async Task ReadAsync(BuildId buildId, bool isLast = false)
    {
        if (source() is not { } logs)
        {
            return;
        }

        // A file on this machine grows where it is read. What came from a service is a copy, and is asked for again now and then.
        if (_reader?.BaseStream is not FileStream && (isLast || _openedAt == 0 || Stopwatch.GetElapsedTime(_openedAt) > Pause))
        {
            try
            {
                var log = await logs.OpenLogAsync(buildId);
                _reader?.Dispose();
                _reader = new StreamReader(log, Encoding.UTF8, detectEncodingFromByteOrderMarks: false);
                _lines.Clear();
            }
            catch (BuildRunnerException)
            {
                // Not now; the build goes on without.
            }

            _openedAt = Stopwatch.GetTimestamp();
        }

        try
        {
            while (_reader is not null && await _reader.ReadLineAsync() is { } line)
            {
                _lines.Enqueue(Clean(line));
                if (_lines.Count > length)
                {
                    _lines.Dequeue();
                }
            }
        }
        catch (BuildRunnerException)
        {
            // It broke off, and is asked for again the next time.
            _reader?.Dispose();
            _reader = null;
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

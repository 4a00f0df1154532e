using System.Text;
using System.Text.Json;

namespace BuildRunner.Queue.Host;

/// <summary>The actions of a process, one per line. Each line is in the file before the process continues, so it survives a kill at any time.</summary>
internal sealed class Journal(string path) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly FileStream _file = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
    private int _number;

    public int NextNumber() => Interlocked.Increment(ref _number);

    public void Write(Entry entry)
    {
        var line = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(entry) + "\n");
        lock (_gate)
        {
            _file.Write(line);
        }
    }

    /// <summary>Reads a journal. Of a line that was cut off, what follows has not been done.</summary>
    public static IEnumerable<Entry> Read(string path)
    {
        var text = File.ReadAllText(path);
        return text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonSerializer.Deserialize<Entry>(line)!);
    }

    public void Dispose() => _file.Dispose();
}

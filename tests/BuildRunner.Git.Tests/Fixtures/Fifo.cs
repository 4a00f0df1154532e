using System.Text;
using CliWrap;

namespace BuildRunner.Git.Tests.Fixtures;

/// <summary>A named pipe between a test and a command. The test holds both ends, so that the command never blocks when it opens it, only when it reads.</summary>
internal sealed class Fifo : IDisposable
{
    private readonly FileStream _stream;

    private Fifo(string path)
    {
        Path = path;
        _stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
    }

    public string Path { get; }

    public static async Task<Fifo> CreateAsync(string path)
    {
        await MakeAsync(path);
        return new Fifo(path);
    }

    /// <summary>Makes a named pipe that the test does not hold.</summary>
    public static async Task MakeAsync(string path) => await Cli.Wrap("mkfifo").WithArguments([path]).ExecuteAsync();

    /// <summary>Waits for a line that the command writes.</summary>
    public Task<string> ReadLineAsync() => Task.Run(() =>
    {
        StringBuilder line = new();
        while (_stream.ReadByte() is var value and not '\n')
        {
            line.Append((char)value);
        }

        return line.ToString();
    }).WaitAsync(TestContext.Current.CancellationToken);

    /// <summary>Lets one command that reads a line go on.</summary>
    public void Release() => _stream.Write("go\n"u8);

    public void Dispose()
    {
        // Whoever still reads is let go, the test's own thread included.
        Release();
        _stream.Dispose();
    }
}

using CliWrap;
using CliWrap.Buffered;

namespace BuildRunner.Git.Tests.Fixtures;

/// <summary>A file system of two megabytes, if not of another size.</summary>
internal sealed class SmallDisk(string path) : IAsyncDisposable
{
    public string Path => path;

    public static async Task<SmallDisk> MountAsync(string path, string size = "2m", int inodes = 0)
    {
        Directory.CreateDirectory(path);
        var result = await Cli.Wrap("mount").WithArguments(["-t", "tmpfs", "-o", $"size={size},nr_inodes={inodes}", "tmpfs", path]).WithValidation(CommandResultValidation.None).ExecuteBufferedAsync();
        Assert.SkipUnless(result.ExitCode == 0 || Environment.GetEnvironmentVariable("CI") == "true", $"A file system cannot be mounted here: {result.StandardError.Trim()}");
        result.ExitCode.Should().Be(0, result.StandardError);
        return new SmallDisk(path);
    }

    /// <summary>Lets nothing be written, or lets it be written again.</summary>
    public async Task RemountAsync(bool readOnly) =>
        await Cli.Wrap("mount").WithArguments(["-o", readOnly ? "remount,ro" : "remount,rw", path]).ExecuteAsync();

    /// <summary>Takes all the room that is left, until the file that this gives is deleted.</summary>
    public string Fill()
    {
        var file = System.IO.Path.Combine(path, "full");
        using var stream = new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true)
            {
                stream.Write(new byte[4096]);
            }
        }
        catch (IOException)
        {
            return file;
        }
    }

    public async ValueTask DisposeAsync() => await Cli.Wrap("umount").WithArguments(["--lazy", path]).ExecuteAsync();
}

using System.Runtime.InteropServices;
using BuildRunner.Git.Processes;
using BuildRunner.Git.Storage;

namespace BuildRunner.Git.Tests.WorkTrees;

/// <summary>A file that cannot be deleted does not keep others from being deleted, and nothing outside is deleted.</summary>
public sealed partial class DirectoryTreeTests : IDisposable
{
    private const int Nobody = 65534;

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [TimedTheory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    public void A_name_that_leads_elsewhere_is_refused(string name)
    {
        var tree = Directory.CreateDirectory(_directory["above/tree"]).FullName;
        File.WriteAllText(Path.Combine(tree, "kept"), "");

        var delete = () => DirectoryTree.Delete($"{tree}/{name}");

        delete.Should().Throw<ArgumentException>();
        File.Exists(Path.Combine(tree, "kept")).Should().BeTrue();
    }

    [TimedFact]
    public void A_directory_of_another_user_that_cannot_be_searched_keeps_no_other_from_being_deleted()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can make a directory of another user.");
        const UnixFileMode Open = (UnixFileMode)0b111_111_111;
        const UnixFileMode OnlyListed = (UnixFileMode)0b111_100_100;
        var tree = Directory.CreateDirectory(_directory["tree"]).FullName;
        for (var parent = Path.GetDirectoryName(tree); parent != Path.GetTempPath().TrimEnd('/'); parent = Path.GetDirectoryName(parent))
        {
            File.SetUnixFileMode(parent!, Open);
        }

        string[] names = [.. Enumerable.Range(0, 20).Select(static number => $"{number}")];
        foreach (var name in names.Append("locked"))
        {
            File.SetUnixFileMode(Directory.CreateDirectory(Path.Combine(tree, name, "below")).FullName, Open);
            File.SetUnixFileMode(Path.Combine(tree, name), name == "locked" ? OnlyListed : Open);
        }

        File.SetUnixFileMode(tree, Open);

        Exception? failure = null;
        Thread thread = new(() =>
        {
            // Of this thread only.
            _ = SetUserOfFiles(Nobody);
            failure = Record.Exception(() => DirectoryTree.Delete(tree));
        });
        thread.Start();
        thread.Join();

        failure.Should().BeOfType<IOException>();
        Directory.EnumerateFileSystemEntries(tree).Select(static path => Path.GetFileName(path)).Should().Equal("locked");
    }

    [TimedFact]
    public async Task What_is_mounted_is_seen_by_its_device_where_the_kernel_does_not_say_so()
    {
        await using var disk = await SmallDisk.MountAsync(_directory["mounted"]);
        Directory.CreateDirectory(_directory["plain"]);
        using var parent = Posix.OpenFile(_directory.Path, create: false)!;
        var mounted = Posix.StatusAt(parent, "mounted\0"u8)!;
        var plain = Posix.StatusAt(parent, "plain\0"u8)!;

        Posix.IsMounted(mounted, parent).Should().BeTrue();
        Posix.IsMounted(mounted with { IsMountRoot = null }, parent).Should().BeTrue();
        Posix.IsMounted(plain, parent).Should().BeFalse();
        Posix.IsMounted(plain with { IsMountRoot = null }, parent).Should().BeFalse();
    }

    [LibraryImport("libc", EntryPoint = "setfsuid")]
    private static partial int SetUserOfFiles(int user);
}

using System.Text;
using BuildRunner.Git.Storage;

namespace BuildRunner.Git.Repository;

/// <summary>Writes the files that make a directory a git repository of this runner, so that nothing else influences git.</summary>
internal static class GitDirectory
{
    /// <summary>Gets the configuration of the repository.</summary>
    /// <param name="objectFormat">The object format of the user's repository: sha1 or sha256.</param>
    /// <param name="bare">Whether the repository has no work tree.</param>
    public static string Configuration(string objectFormat, bool bare) =>
        $"""
        [core]
        	repositoryFormatVersion = {(objectFormat == "sha1" ? 0 : 1)}
        	bare = {(bare ? "true" : "false")}
        	attributesFile = /dev/null
        	autocrlf = false
        	excludesFile = /dev/null
        	fsmonitor = false
        	hooksPath = /dev/null
        	logAllRefUpdates = false
        	useReplaceRefs = false
        [advice]
        	detachedHead = false
        [commit]
        	gpgSign = false
        [fetch]
        	recurseSubmodules = false
        [gc]
        	auto = 0
        [maintenance]
        	auto = false
        [submodule]
        	recurse = false

        """ + (objectFormat == "sha1" ? "" : $"[extensions]\n\tobjectFormat = {objectFormat}\n");

    /// <summary>Creates a repository that borrows the objects of others.</summary>
    /// <param name="path">The directory. Its files are replaced, except objects and references if <paramref name="bare"/> is
    /// <see langword="true"/>.</param>
    /// <param name="objectFormat">The object format.</param>
    /// <param name="bare">Whether the repository has no work tree.</param>
    /// <param name="borrowedObjects">The object directories to borrow from.</param>
    /// <param name="shallow">The file that lists the commits whose parents are missing, or <see langword="null"/>.</param>
    /// <param name="newPath">Gets a temporary path on the same file system.</param>
    /// <param name="head">The commit that is checked out, or <see langword="null"/>.</param>
    public static void Write(
        string path,
        string objectFormat,
        bool bare,
        IEnumerable<string> borrowedObjects,
        string? shallow,
        Func<string> newPath,
        string? head = null)
    {
        Directory.CreateDirectory(Path.Combine(path, "refs"));
        Directory.CreateDirectory(Path.Combine(path, "info"));
        Directory.CreateDirectory(Path.Combine(path, "objects", "info"));
        File.Delete(Path.Combine(path, "info", "grafts"));
        Replace(Path.Combine(path, "HEAD"), (head ?? "ref: refs/heads/none") + "\n", newPath);
        Replace(Path.Combine(path, "config"), Configuration(objectFormat, bare), newPath);
        Replace(Path.Combine(path, "objects", "info", "alternates"), string.Join('\n', borrowedObjects) + "\n", newPath);
        Replace(Path.Combine(path, "shallow"), shallow is not null && File.Exists(shallow) ? File.ReadAllText(shallow) : null, newPath);
    }

    /// <summary>Writes or deletes a file atomically, because another build's git may be reading it.</summary>
    public static void Replace(string path, string? content, Func<string> newPath)
    {
        if (content is null)
        {
            File.Delete(path);
            return;
        }

        if (IsFile(path, content))
        {
            return;
        }

        var temporary = newPath();

        // As bytes: for a long text, .NET preallocates space and does not report that there is none.
        File.WriteAllBytes(temporary, Encoding.UTF8.GetBytes(content));
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Determines whether a path is a file with the given content, and not a link.</summary>
    public static bool IsFile(string path, string content) =>
        new FileInfo(path) is { Exists: true, LinkTarget: null } existing
        && existing.Length == content.Length
        && File.ReadAllText(path) == content;

    /// <summary>Keeps the files that <see cref="Write"/> created, without objects, and nothing that influences git.</summary>
    public static void KeepOwn(KeptDirectory repository)
    {
        repository.AddFile("HEAD"u8);
        repository.AddFile("config"u8);
        repository.AddFile("shallow"u8);
        repository.AddDirectory("info"u8);
        repository.AddDirectory("refs"u8);
        repository.AddDirectory("objects/info"u8).AddFile("alternates"u8);
    }
}

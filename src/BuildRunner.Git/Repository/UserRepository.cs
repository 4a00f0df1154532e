using BuildRunner.Git.Changes;

namespace BuildRunner.Git.Repository;

/// <summary>The repository of the user: where its objects are, and what its references point to. It is only read.</summary>
internal sealed class UserRepository
{
    // Reading a repository of another owner runs nothing of it; the protection of git would only hide why it is refused.
    private static readonly string[] Trusted = ["-c", "safe.directory=*"];

    private readonly GitCommand _git;

    private UserRepository(GitCommand git, string objects, string shallow, string objectFormat)
    {
        _git = git;
        ObjectsDirectory = objects;
        ShallowFile = shallow;
        ObjectFormat = objectFormat;
    }

    public string ObjectsDirectory { get; }

    public string ShallowFile { get; }

    public string ObjectFormat { get; }

    /// <exception cref="GitException">There is no repository, or it cannot be borrowed from.</exception>
    public static async Task<UserRepository> OpenAsync(string path, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(path))
        {
            throw new GitException($"'{path}' is not a directory; it must be a git repository, or a directory in one.");
        }

        var git = new GitCommand(gitDirectory: null, Path.GetFullPath(path));
        var answer = await git.RunAsync(
            [.. Trusted, "rev-parse", "--path-format=absolute", "--git-path", "objects", "--git-path", "shallow", "--show-object-format"], cancellationToken).ConfigureAwait(false);
        if (!answer.Succeeded || answer.Text.Split('\n') is not [var objects, var shallow, var objectFormat])
        {
            throw new GitException($"'{path}' is not a git repository that can be read: {answer.Error.Trim()}");
        }

        return objects[0] == '/'
            ? new UserRepository(git, objects, shallow, objectFormat)
            : throw new GitException($"The objects of '{path}' are in '{objects}', which cannot be borrowed from; the path must be absolute.");
    }

    /// <summary>Gets the commit that a branch, a full reference or a commit id names.</summary>
    /// <exception cref="GitException">There is no such commit.</exception>
    public async Task<string> ResolveAsync(string target, CancellationToken cancellationToken)
    {
        var revision = GitReference.IsCommitId(target) ? target : GitReference.Expand(target);
        var answer = await _git.RunAsync(
            [.. Trusted, "rev-parse", "--quiet", "--verify", "--end-of-options", revision + "^{commit}"], cancellationToken).ConfigureAwait(false);
        return answer.Succeeded
            ? answer.Text
            : throw new GitException($"The target '{target}' is not a commit of the repository.");
    }
}

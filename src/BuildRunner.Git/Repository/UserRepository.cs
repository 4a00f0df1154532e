using BuildRunner.Git.Changes;

namespace BuildRunner.Git.Repository;

/// <summary>Represents the repository of the user, which is only read.</summary>
internal sealed class UserRepository
{
    // git refuses a repository of another owner because its configuration can name commands. No command is run here, since no transport is
    // allowed, and the user's own list of trusted directories is in a configuration that is not read.
    private static readonly string[] Trusted = ["-c", "safe.directory=*"];

    private readonly string _path;
    private readonly GitCommand _git;

    private UserRepository(string path, GitCommand git, string objects, string shallow, string objectFormat)
    {
        _path = path;
        _git = git;
        ObjectsDirectory = objects;
        ShallowFile = shallow;
        ObjectFormat = objectFormat;
    }

    public string ObjectsDirectory { get; }

    public string ShallowFile { get; }

    public string ObjectFormat { get; }

    /// <exception cref="GitException">The repository does not exist or cannot be borrowed from.</exception>
    public static async Task<UserRepository> OpenAsync(string path, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(path))
        {
            throw new GitException($"'{path}' is not a directory; it must be a git repository, or a directory in one.");
        }

        var git = new GitCommand(gitDirectory: null, Path.GetFullPath(path));
        string[] arguments =
        [
            .. Trusted, "rev-parse", "--path-format=absolute", "--git-path", "objects", "--git-path", "shallow", "--show-object-format",
        ];
        var answer = await git.RunAsync(arguments, cancellationToken).ConfigureAwait(false);
        if (!answer.Succeeded || answer.Text.Split('\n') is not [var objects, var shallow, var objectFormat])
        {
            throw new GitException($"'{path}' is not a readable git repository: {answer.Error.Trim()}");
        }

        return objects[0] == '/'
            ? new UserRepository(path, git, objects, shallow, objectFormat)
            : throw new GitException(
                $"The objects of '{path}' are in '{objects}', which cannot be borrowed from; the path must be absolute.");
    }

    /// <summary>Gets the commit that a branch, a full reference or an id names, if it and all other ids name commits.</summary>
    /// <param name="target">The branch, full reference or id.</param>
    /// <param name="commitIds">The other ids, of full length.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The commit, or <see langword="null"/> if one of them does not name a commit.</returns>
    public async Task<string?> TryResolveAsync(string target, IReadOnlyList<string> commitIds, CancellationToken cancellationToken)
    {
        string[] names = [Expand(target) + "^{commit}", .. commitIds];
        var answers = await CommitTypes.AskAsync(_git, Trusted, names, cancellationToken).ConfigureAwait(false);
        return answers.Contains(null) ? null : answers[0];
    }

    /// <summary>Gets the id of the object that a branch, a full reference or an id names, without checking that the object
    /// exists.</summary>
    /// <exception cref="GitException">The reference does not exist.</exception>
    public async Task<string> ResolveAsync(string target, CancellationToken cancellationToken)
    {
        var answer = await _git.RunAsync(
            [.. Trusted, "rev-parse", "--quiet", "--verify", "--end-of-options", Expand(target)], cancellationToken).ConfigureAwait(false);
        if (answer.Succeeded)
        {
            return answer.Text;
        }

        var message = $"The target '{target}' is not a reference of the repository '{_path}'; "
            + $"name a branch, a full reference or a full commit id. {answer.Error.Trim()}";
        throw new GitException(message.TrimEnd());
    }

    private static string Expand(string target) => GitReference.IsCommitId(target) ? target : GitReference.Expand(target);
}

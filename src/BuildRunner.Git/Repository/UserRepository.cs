using BuildRunner.Git.Changes;

namespace BuildRunner.Git.Repository;

/// <summary>The repository of the user: where its objects are, and what its references point to. It is only read.</summary>
internal sealed class UserRepository
{
    // git refuses a repository of another owner because its configuration can name commands. None of the questions asked here runs any,
    // since no transport is allowed, and the user's own list of trusted directories is in a configuration that is not read.
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
            ? new UserRepository(path, git, objects, shallow, objectFormat)
            : throw new GitException($"The objects of '{path}' are in '{objects}', which cannot be borrowed from; the path must be absolute.");
    }

    /// <summary>Gets the commit that a branch, a full reference or an id names, where it names one and all others do.</summary>
    /// <param name="target">The branch, full reference or id.</param>
    /// <param name="commitIds">Ids of full length, all of which must be of commits.</param>
    /// <param name="cancellationToken">A token that abandons the call.</param>
    /// <returns>The commit, or <see langword="null"/> where one names none: what was wrong is then to be found out.</returns>
    public async Task<string?> TryResolveAsync(string target, IReadOnlyList<string> commitIds, CancellationToken cancellationToken)
    {
        var answers = await CommitTypes.AskAsync(_git, Trusted, [Expand(target) + "^{commit}", .. commitIds], cancellationToken).ConfigureAwait(false);
        return answers.Contains(null) ? null : answers[0];
    }

    /// <summary>Gets the id of the object that a branch, a full reference or an id names. Whether there is such an object is not looked at.</summary>
    /// <exception cref="GitException">There is no such reference.</exception>
    public async Task<string> ResolveAsync(string target, CancellationToken cancellationToken)
    {
        var answer = await _git.RunAsync(
            [.. Trusted, "rev-parse", "--quiet", "--verify", "--end-of-options", Expand(target)], cancellationToken).ConfigureAwait(false);
        return answer.Succeeded
            ? answer.Text
            : throw new GitException($"The target '{target}' is not a reference of the repository '{_path}'; name a branch, a full reference or the full id of a commit. {answer.Error.Trim()}".TrimEnd());
    }

    private static string Expand(string target) => GitReference.IsCommitId(target) ? target : GitReference.Expand(target);
}

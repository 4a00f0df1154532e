namespace BuildRunner.Git;

/// <summary>
/// Represents what a <see cref="GitBuildRunner"/> builds, where and how.
/// </summary>
public sealed class GitBuildRunnerOptions
{
    /// <summary>
    /// Gets or sets the path of the git repository whose changes are built: a work tree, a directory in one, or a bare repository. Required. It is only read.
    /// </summary>
    public string Repository { get; set; } = "";

    /// <summary>
    /// Gets or sets what base and head are applied to: a branch such as <c>main</c>, a full reference such as <c>refs/heads/main</c>, or the full id of a commit. Required. Each trigger reads it anew.
    /// </summary>
    public string TargetBranch { get; set; } = "";

    /// <summary>
    /// Gets or sets the command that validates the result, the program first, then its arguments. Required. It is started without a shell, in the root of the work tree.
    /// </summary>
    /// <remarks>A program without a slash is looked up in the <c>PATH</c> of <see cref="Environment"/>, one with a slash is relative to the work tree.</remarks>
    public IReadOnlyList<string> Command { get; set; } = [];

    /// <summary>
    /// Gets or sets the host in the URIs of the changes. A change with another host is rejected. The default is <c>localhost</c>.
    /// </summary>
    public string Host { get; set; } = "localhost";

    /// <summary>
    /// Gets or sets the repository in the URIs of the changes, such as <c>team/product</c>. A change with another repository is rejected. The default is <c>repository</c>.
    /// </summary>
    public string RepositoryName { get; set; } = "repository";

    /// <summary>
    /// Gets or sets the directory for the builds, their logs, the private repository and the work trees, or <see langword="null"/> (the default) for one per repository in the local application data of the user. It must not lie inside a work tree of git, links followed, because builds would pick up the files of the project around it, and must be empty, not exist, or be one that was used before. It must lie on a file system of this machine. Any number of processes can use it at a time, with the same options.
    /// </summary>
    public string? StateDirectory { get; set; }

    /// <summary>
    /// Gets or sets how many builds run at a time in this process: 1 to 1000. The default is 1.
    /// </summary>
    public int MaxConcurrency { get; set; } = 1;

    /// <summary>
    /// Gets or sets how long a build may run, from the moment it starts running: more than zero, at most 49 days. The default is one hour.
    /// </summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// Gets or sets how long the command may take to end by itself after SIGTERM, before it is killed: zero or more, at most 49 days. The default is 10 seconds.
    /// </summary>
    public TimeSpan CancelGracePeriod { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Gets or sets how much of the output of a build is kept, in bytes: zero or more. What comes after that is dropped. The default is 64 MiB.
    /// </summary>
    public long LogLimit { get; set; } = 64 * 1024 * 1024;

    /// <summary>
    /// Gets or sets how long an ended build is kept, by the clock on the wall: more than zero. After that it is not found any more, and its trigger key is free. The default is 7 days.
    /// </summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>
    /// Gets the environment of the command, an allow-list: nothing else is inherited. A name with a value has that value; one with <see langword="null"/> has the value that it has in this process, and is absent where that has none.
    /// </summary>
    /// <remarks>The default inherits HOME, LANG, LC_ALL, LOGNAME, PATH, TMPDIR, TZ and USER, and sets CI to <c>true</c>. The runner adds <c>BUILDRUNNER_BUILD_ID</c> and a cookie of its own.</remarks>
    public IDictionary<string, string?> Environment { get; } = new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["CI"] = "true",
        ["HOME"] = null,
        ["LANG"] = null,
        ["LC_ALL"] = null,
        ["LOGNAME"] = null,
        ["PATH"] = null,
        ["TMPDIR"] = null,
        ["TZ"] = null,
        ["USER"] = null,
    };
}

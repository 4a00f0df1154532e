namespace BuildRunner.Git;

/// <summary>
/// Represents what a <see cref="GitBuildRunner"/> builds, where and how.
/// </summary>
public sealed class GitBuildRunnerOptions : ISourceOptions
{
    /// <summary>
    /// Gets or sets the path of the git repository whose changes are built: a work tree, a directory in one, or a bare repository. Required. It is only read.
    /// </summary>
    public string Repository { get; set; } = "";

    /// <summary>
    /// Gets or sets the remote from which comes what <see cref="Repository"/> lacks, or <see langword="null"/> (the default), where everything must be in the repository. An address with <c>https</c>, <c>http</c>, <c>ssh</c> or <c>file</c>, such as <c>ssh://git@git.example.org/team/product.git</c>, or an absolute path.
    /// </summary>
    /// <remarks>
    /// <para>
    /// Each trigger then reads <see cref="TargetBranch"/> there. The commits of target and changes that are missing are fetched when the build runs, into the runner's own repository; one that the remote does not give ends the build as failed.
    /// </para>
    /// <para>
    /// The address itself is no place for secrets. Over HTTP the remote is asked with <see cref="RemoteCredentials"/>; over SSH the <c>ssh</c> on the <c>PATH</c> is used as the account has it set up, and must get in without asking anybody.
    /// </para>
    /// </remarks>
    public string? Remote { get; set; }

    /// <summary>
    /// Gets or sets what gives the credentials for <see cref="Remote"/>, which is one with <c>https</c> or <c>http</c>, or <see langword="null"/> (the default) to ask without any. It is called anew before each exchange with the remote, also at the same time, so that a token that expires can be renewed; what it gives is not kept. Where it gives <see langword="null"/>, that exchange goes without credentials.
    /// </summary>
    /// <remarks>The message of an exception from it is part of the exception of the trigger, or of the log of the build. Over <c>http</c> the credentials can be read on the way.</remarks>
    public Func<CancellationToken, ValueTask<GitCredentials?>>? RemoteCredentials { get; set; }

    /// <summary>
    /// Gets or sets how long one exchange with <see cref="Remote"/> may take: more than zero, at most 49 days. The default is 2 minutes.
    /// </summary>
    /// <remarks>A trigger waits that long for the tip of the target; a build that fetches for longer ends as failed, by <see cref="Timeout"/> if that is shorter.</remarks>
    public TimeSpan RemoteTimeout { get; set; } = TimeSpan.FromMinutes(2);

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
    /// Gets or sets what turns the URI of a change that is not of the scheme <c>git</c> into a change of the form that <see cref="GitChange"/> makes, or <see langword="null"/> (the default), where such a URI is rejected. It is called with each such URI of a request, one after the other, before anything is created; where it gives <see langword="null"/>, the request is rejected.
    /// </summary>
    /// <remarks>What it gives is checked like what the request gives. An exception from it rejects the request, except for three that say otherwise: a transient <see cref="BuildRunnerException"/>, a <see cref="BuildRunnerConfigurationException"/>, and an <see cref="OperationCanceledException"/> that the caller has not asked for, which is transient.</remarks>
    public Func<string, CancellationToken, ValueTask<Change?>>? ChangeResolver { get; set; }

    /// <summary>
    /// Gets or sets the directory for the builds, their logs, the private repository and the work trees, or <see langword="null"/> (the default) for one per repository and key of the registration in the local application data of the user. It must not lie inside a work tree of git, links followed, because builds would pick up the files of the project around it, and must be empty, not exist, or be one that was used before. It must lie on a file system of this machine. Any number of processes can use it at a time, for the same repository.
    /// </summary>
    public string? StateDirectory { get; set; }

    /// <summary>
    /// Gets or sets how many builds run at a time in this process: 1 to 1000. The default is 1.
    /// </summary>
    public int Concurrency { get; set; } = 1;

    /// <summary>
    /// Gets or sets how long a build may run, from the moment it starts running: more than zero, at most 49 days. The default is one hour.
    /// </summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// Gets or sets how long the command may take to end by itself after SIGTERM, before it is killed: zero or more, at most 49 days. The default is 10 seconds.
    /// </summary>
    public TimeSpan CancelGrace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Gets or sets how much of the output of a build is kept, in bytes: zero or more. What comes after that is dropped. The default is 64 MiB.
    /// </summary>
    public long MaxLogBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>
    /// Gets or sets how long an ended build is kept, by the clock on the wall: more than zero. After that it is not found any more, and its trigger key is free. The default is 7 days.
    /// </summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>
    /// Gets or sets whether the command is not run where it has succeeded before on the same files: <see langword="false"/> by default. The build is then answered with that success, and its metadata has the earlier build as <see cref="BuildMetadataKeys.ReusedFrom"/>. Failures are never reused.
    /// </summary>
    /// <remarks>
    /// <para>
    /// What has to be the same are the files, <see cref="Command"/>, <see cref="Environment"/> with the values that it has, and <see cref="ToolchainKey"/>. Nothing else is asked for: not the history that the files come from, not the machine, and not what the command takes from elsewhere.
    /// </para>
    /// <para>
    /// An earlier build counts for as long as it is kept, whichever process has run it; see <see cref="Retention"/>.
    /// </para>
    /// </remarks>
    public bool ReuseResults { get; set; }

    /// <summary>
    /// Gets or sets what else a result depends on, such as the version of a compiler, for <see cref="ReuseResults"/>: results with another key are not reused. The default is <see langword="null"/>, a key of its own.
    /// </summary>
    public string? ToolchainKey { get; set; }

    /// <summary>
    /// Gets or sets whether the command is run on the base alone as well, where it has failed with head on a base that is not empty: <see langword="false"/> by default. What it ends with says which side is to blame, as <see cref="BuildMetadataKeys.FailedSide"/>.
    /// </summary>
    /// <remarks>It is not run where <see cref="ReuseResults"/> knows the base to be good, nor where the head changes no file, which leaves the base. Both runs are within <see cref="Timeout"/>; a build whose base takes longer than what is left fails by what the first run has shown, without a side.</remarks>
    public bool AttributeFailures { get; set; }

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

    /// <summary>Gets or sets the key that the runner is registered with, or the empty text.</summary>
    internal string ServiceKey { get; set; } = "";

    string ISourceOptions.ServiceKey => ServiceKey;
}

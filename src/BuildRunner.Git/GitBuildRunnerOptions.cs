namespace BuildRunner.Git;

/// <summary>Represents the options of a <see cref="GitBuildRunner"/>.</summary>
public sealed class GitBuildRunnerOptions : ISourceOptions
{
    /// <summary>Gets or sets the path of the git repository to build: a work tree, a directory in one, or a bare repository. Required. The
    /// repository is only read.</summary>
    public string Repository { get; set; } = "";

    /// <summary>Gets or sets the remote to fetch from when <see cref="Repository"/> lacks a commit, or <see langword="null"/> (the default)
    /// if every commit must be in the repository. An <c>https</c>, <c>http</c>, <c>ssh</c> or <c>file</c> address, such as
    /// <c>ssh://git@git.example.org/team/product.git</c>, or an absolute path.</summary>
    /// <remarks>
    /// <para>
    /// Each trigger reads <see cref="TargetBranch"/> from the remote. A build fetches the missing commits of its target and changes into
    /// the runner's own repository when it runs. It fails if the remote does not provide one.
    /// </para>
    /// <para>
    /// Do not put secrets into the address. HTTP uses <see cref="RemoteCredentials"/>. SSH uses the <c>ssh</c> on the <c>PATH</c> with the
    /// account's own configuration, which must work without a prompt.
    /// </para>
    /// </remarks>
    public string? Remote { get; set; }

    /// <summary>Gets or sets a callback that provides the credentials for an <c>https</c> or <c>http</c> <see cref="Remote"/>, or <see
    /// langword="null"/> (the default) for none. It is called before each exchange with the remote, possibly concurrently, and its result
    /// is not cached, so a token can be renewed. If it returns <see langword="null"/>, the exchange uses no credentials.</summary>
    /// <remarks>If it throws, its message appears in the exception of the trigger or in the log of the build. Plain <c>http</c> sends the
    /// credentials unencrypted.</remarks>
    public Func<CancellationToken, ValueTask<GitCredentials?>>? RemoteCredentials { get; set; }

    /// <summary>Gets or sets the time limit of one exchange with <see cref="Remote"/>: more than zero, at most 49 days. The default is 2
    /// minutes.</summary>
    /// <remarks>A trigger waits at most this long for the tip of the target. A build whose fetch takes longer fails, or ends earlier by
    /// <see cref="Timeout"/>.</remarks>
    public TimeSpan RemoteTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Gets or sets the target that base and head are merged into: a branch such as <c>main</c>, a full reference such as
    /// <c>refs/heads/main</c>, or a full commit id. Required. Each trigger reads it again.</summary>
    public string TargetBranch { get; set; } = "";

    /// <summary>Gets or sets the command that validates the result: the program, then its arguments. Required. It runs in the root of the
    /// work tree, without a shell.</summary>
    /// <remarks>A program without a slash is looked up in the <c>PATH</c> of <see cref="Environment"/>. A program with a slash is relative
    /// to the work tree.</remarks>
    public IReadOnlyList<string> Command { get; set; } = [];

    /// <summary>Gets or sets the host that the URIs of changes must have; other changes are rejected. The default is
    /// <c>localhost</c>.</summary>
    public string Host { get; set; } = "localhost";

    /// <summary>Gets or sets the repository that the URIs of changes must have, such as <c>team/product</c>; other changes are rejected.
    /// The default is <c>repository</c>.</summary>
    public string RepositoryName { get; set; } = "repository";

    /// <summary>Gets or sets a callback that maps a URI of a scheme other than <c>git</c> to a change in the form of <see
    /// cref="GitChange"/>, or <see langword="null"/> (the default) to reject such URIs. It is called for each such URI of a request in
    /// turn, before the build is created. If it returns <see langword="null"/>, the request is rejected.</summary>
    /// <remarks>The result is validated like a change of the request. An exception rejects the request, except for a transient <see
    /// cref="BuildRunnerException"/>, a <see cref="BuildRunnerConfigurationException"/>, which stays one, and an <see
    /// cref="OperationCanceledException"/> that the caller did not request, which is transient.</remarks>
    public Func<string, CancellationToken, ValueTask<Change?>>? ChangeResolver { get; set; }

    /// <summary>Gets or sets the directory for the builds, their logs, the private repository and the work trees, or <see langword="null"/>
    /// (the default) for a directory per repository and service key in the user's local application data.</summary>
    /// <remarks>The directory must be on a local file system, and empty, missing, or created by an earlier run. It must not lie inside a
    /// git work tree, also not through a link, because builds would pick up the files of the project around it. Any number of processes can
    /// share it for the same repository.</remarks>
    public string? StateDirectory { get; set; }

    /// <summary>Gets or sets the number of builds that this process runs at a time: 1 to 1000. The default is 1.</summary>
    public int Concurrency { get; set; } = 1;

    /// <summary>Gets or sets the time limit of a build, counted from when it starts to run: more than zero, at most 49 days. The default is
    /// one hour.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Gets or sets the time between SIGTERM and SIGKILL when a command is stopped: zero or more, at most 49 days. The default is
    /// 10 seconds.</summary>
    public TimeSpan CancelGrace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets or sets the number of bytes to keep of the output of a build: zero or more. The rest is dropped. The default is 64
    /// MiB.</summary>
    public long MaxLogBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>Gets or sets how long an ended build is kept, in wall clock time: more than zero. After that the build is no longer found,
    /// and its trigger key is free. The default is 7 days.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Gets or sets a value indicating whether an earlier success on the same files is reused instead of running the command. The
    /// default is <see langword="false"/>.</summary>
    /// <remarks>
    /// <para>
    /// The new build succeeds, and its metadata names the earlier build as <see cref="BuildMetadataKeys.ReusedFrom"/>. Failures are never
    /// reused.
    /// </para>
    /// <para>
    /// The files, <see cref="Command"/>, the values of <see cref="Environment"/> and <see cref="ToolchainKey"/> must be the same. Nothing
    /// else is compared: not the history behind the files, not the machine, and not what the command reads from elsewhere.
    /// </para>
    /// <para>
    /// An earlier build counts for as long as it is kept, whichever process ran it; see <see cref="Retention"/>.
    /// </para>
    /// </remarks>
    public bool ReuseResults { get; set; }

    /// <summary>Gets or sets anything else that a result depends on, such as a compiler version, for <see cref="ReuseResults"/>. Results
    /// with another key are not reused. The default is <see langword="null"/>, which is a key of its own.</summary>
    public string? ToolchainKey { get; set; }

    /// <summary>Gets or sets a value indicating whether to run the command again on the base alone after it failed on base and head. The
    /// default is <see langword="false"/>.</summary>
    /// <remarks>
    /// <para>
    /// The second run decides <see cref="BuildMetadataKeys.FailedSide"/>. It is skipped if the base is empty, if <see cref="ReuseResults"/>
    /// knows that the base is good, or if the head changes no file, in which case the base is to blame.
    /// </para>
    /// <para>
    /// Both runs share <see cref="Timeout"/>. If the second one does not end in time, the build fails with the result of the first and
    /// without a side.
    /// </para>
    /// </remarks>
    public bool AttributeFailures { get; set; }

    /// <summary>Gets the environment of the command. It is an allow-list: nothing else is inherited. A variable whose value is <see
    /// langword="null"/> is inherited from this process, if set there.</summary>
    /// <remarks>By default HOME, LANG, LC_ALL, LOGNAME, PATH, TMPDIR, TZ and USER are inherited, and CI is <c>true</c>. The runner adds
    /// <c>BUILDRUNNER_BUILD_ID</c> and a cookie of its own.</remarks>
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

    /// <summary>Gets or sets the service key that the runner is registered with, or the empty string.</summary>
    internal string ServiceKey { get; set; } = "";

    /// <summary>Gets or sets a value indicating whether merged refs decorate the runner: the head is merged already, and built as it
    /// is.</summary>
    internal bool IsMerged { get; set; }

    string ISourceOptions.ServiceKey => ServiceKey;
}

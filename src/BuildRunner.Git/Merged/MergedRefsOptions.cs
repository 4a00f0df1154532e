namespace BuildRunner.Git;

/// <summary>
/// Represents what is merged for a runner that builds commits, and where they are pushed.
/// </summary>
public sealed class MergedRefsOptions : ISourceOptions
{
    /// <summary>
    /// Gets or sets the path of a git repository whose objects are borrowed, so that they need not be fetched: a clone of <see cref="Remote"/>, which may be a bare one. Required. It is only read.
    /// </summary>
    public string Repository { get; set; } = "";

    /// <summary>
    /// Gets or sets the remote that the CI builds from: an address with <c>https</c>, <c>http</c>, <c>ssh</c> or <c>file</c>, such as <c>ssh://git@git.example.org/team/product.git</c>, or an absolute path. Required. The target and the heads are read there, and merged commits are pushed there.
    /// </summary>
    /// <remarks>The address itself is no place for secrets. Over HTTP the remote is asked with <see cref="RemoteCredentials"/>; over SSH the <c>ssh</c> on the <c>PATH</c> is used as the account has it set up, and must get in without asking anybody.</remarks>
    public string? Remote { get; set; }

    /// <summary>
    /// Gets or sets what gives the credentials for <see cref="Remote"/>, which is one with <c>https</c> or <c>http</c>, or <see langword="null"/> (the default) to ask without any. It is called anew before each exchange with the remote, also at the same time, so that a token that expires can be renewed; what it gives is not kept.
    /// </summary>
    public Func<CancellationToken, ValueTask<GitCredentials?>>? RemoteCredentials { get; set; }

    /// <summary>
    /// Gets or sets how long one exchange with <see cref="Remote"/> may take: more than zero, at most 49 days. The default is 15 minutes, because the first fetch of a large repository is one.
    /// </summary>
    /// <remarks>No call waits that long. A trigger that has waited for ten seconds throws a transient exception, and the exchange goes on without it.</remarks>
    public TimeSpan RemoteTimeout { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>
    /// Gets or sets the host in the URIs of the changes. A change with another host is rejected. The default is <c>localhost</c>.
    /// </summary>
    public string Host { get; set; } = "localhost";

    /// <summary>
    /// Gets or sets the repository in the URIs of the changes, such as <c>team/product</c>. A change with another repository is rejected. The default is <c>repository</c>.
    /// </summary>
    public string RepositoryName { get; set; } = "repository";

    /// <summary>
    /// Gets or sets the branch that base and head are merged onto and that builds land on: a branch such as <c>main</c>, or a full reference such as <c>refs/heads/main</c>. Required. Each trigger reads it anew.
    /// </summary>
    public string TargetBranch { get; set; } = "";

    /// <summary>
    /// Gets or sets what the references of merged commits begin with: full references, with a slash at the end. The default is <c>refs/heads/build/</c>. A runner over HTTP needs branches, which begin with <c>refs/heads/</c>.
    /// </summary>
    /// <remarks>Exclude it from what the CI starts by itself on a push, and from what may read secrets.</remarks>
    public string RefPrefix { get; set; } = "refs/heads/build/";

    /// <summary>
    /// Gets or sets how long the reference of a build and the record of its trigger are kept at the most, by the clock on the wall: one hour or more, at most 365 days. The default is 7 days. The record is kept as long, the reference until its commit has landed or the build has ended without success.
    /// </summary>
    public TimeSpan RefRetention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>
    /// Gets or sets for how long files that have succeeded on this runner are not built again, or <see langword="null"/> (the default) to build each time: more than zero, at most <see cref="RefRetention"/>. Such a trigger is answered with the earlier success, which the metadata has as <see cref="BuildMetadataKeys.ReusedFrom"/>.
    /// </summary>
    /// <remarks>What has to be the same are the files, the target and the key of the registration. A success counts from when its status was asked for.</remarks>
    public TimeSpan? ReuseFor { get; set; }

    /// <summary>
    /// Gets or sets where the pipeline comes from. The default is <see cref="MergedRefsPipeline.Head"/>: a runner over HTTP is set to <see cref="BuildRunner.Http.ChangesForm.Merged"/>.
    /// </summary>
    public MergedRefsPipeline PipelineFrom { get; set; }

    /// <summary>
    /// Gets or sets what the server is told beside a push of a merged commit, such as <c>ci.skip</c> for a GitLab that would start a pipeline for it. Empty by default. The server must take push options.
    /// </summary>
    public IReadOnlyList<string> PushOptions { get; set; } = [];

    /// <summary>
    /// Gets or sets the directory for the private repository, or <see langword="null"/> (the default) for one per repository and key of the registration in the local application data of the user. It must not lie inside a work tree of git, and must be empty, not exist, or be one that was used before. It is a cache: what counts is at the remote. Any number of processes can use it at a time, for the same repository.
    /// </summary>
    public string? StateDirectory { get; set; }

    /// <summary>
    /// Gets or sets what turns the URI of a change that is not of the scheme <c>git</c> into a change of the form that <see cref="GitChange"/> makes, or <see langword="null"/> (the default), where such a URI is rejected. See <see cref="GitBuildRunnerOptions.ChangeResolver"/>, which is the same.
    /// </summary>
    public Func<string, CancellationToken, ValueTask<Change?>>? ChangeResolver { get; set; }

    /// <summary>Gets or sets the key that the runner is registered with, or the empty text.</summary>
    internal string ServiceKey { get; set; } = "";

    /// <summary>Gets or sets a value indicating whether there is a runner to decorate.</summary>
    internal bool HasRunner { get; set; }

    string ISourceOptions.ServiceKey => ServiceKey;

    string ISourceOptions.StateSuffix => "\0merged";
}

namespace BuildRunner.Git;

/// <summary>Represents the options of merged refs.</summary>
public sealed class MergedRefsOptions : ISourceOptions
{
    /// <summary>Gets or sets the path of a git repository to borrow objects from, so that they need not be fetched: a clone of <see
    /// cref="Remote"/>, bare or not. Required. The repository is only read.</summary>
    public string Repository { get; set; } = "";

    /// <summary>Gets or sets the remote that the CI builds from: an <c>https</c>, <c>http</c>, <c>ssh</c> or <c>file</c> address, such as
    /// <c>ssh://git@git.example.org/team/product.git</c>, or an absolute path. Required. The target and the heads are read from it, and
    /// merged commits are pushed to it.</summary>
    /// <remarks>Do not put secrets into the address. HTTP uses <see cref="RemoteCredentials"/>. SSH uses the <c>ssh</c> on the <c>PATH</c>
    /// with the account's own configuration, which must work without a prompt.</remarks>
    public string? Remote { get; set; }

    /// <summary>Gets or sets a callback that provides the credentials for an <c>https</c> or <c>http</c> <see cref="Remote"/>, or <see
    /// langword="null"/> (the default) for none. It is called before each exchange with the remote, possibly concurrently, and its result
    /// is not cached, so a token can be renewed.</summary>
    public Func<CancellationToken, ValueTask<GitCredentials?>>? RemoteCredentials { get; set; }

    /// <summary>Gets or sets the time limit of one exchange with <see cref="Remote"/>: more than zero, at most 49 days. The default is 15
    /// minutes, because it covers the first fetch of a large repository.</summary>
    /// <remarks>No call waits that long. After ten seconds a trigger throws a transient exception, and the exchange continues in the
    /// background.</remarks>
    public TimeSpan RemoteTimeout { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Gets or sets the host that the URIs of changes must have; other changes are rejected. The default is
    /// <c>localhost</c>.</summary>
    public string Host { get; set; } = "localhost";

    /// <summary>Gets or sets the repository that the URIs of changes must have, such as <c>team/product</c>; other changes are rejected.
    /// The default is <c>repository</c>.</summary>
    public string RepositoryName { get; set; } = "repository";

    /// <summary>Gets or sets the branch that base and head are merged onto and that builds land on: a branch such as <c>main</c>, or a full
    /// reference such as <c>refs/heads/main</c>. Required. Each trigger reads it again.</summary>
    public string TargetBranch { get; set; } = "";

    /// <summary>Gets or sets the prefix of the references of merged commits: a full reference with a slash at the end. The default is
    /// <c>refs/heads/build/</c>. Runners over HTTP need branches, so a prefix below <c>refs/heads/</c>.</summary>
    /// <remarks>Exclude the prefix from builds that the CI starts on a push, and from access to secrets.</remarks>
    public string RefPrefix { get; set; } = "refs/heads/build/";

    /// <summary>Gets or sets the maximum time to keep the reference and the record of a build, in wall clock time: one hour or more, at
    /// most 365 days. The default is 7 days. The record is kept that long. The reference is deleted earlier if its commit has landed or the
    /// build has ended without success.</summary>
    public TimeSpan RefRetention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Gets or sets how long a success is reused for the same files instead of building them again: more than zero, at most <see
    /// cref="RefRetention"/>, or <see langword="null"/> (the default) to build each time. The metadata names the earlier build as <see
    /// cref="BuildMetadataKeys.ReusedFrom"/>.</summary>
    /// <remarks>The files, the target and the service key must be the same. A success counts from when its status was first read.</remarks>
    public TimeSpan? ReuseFor { get; set; }

    /// <summary>Gets or sets the source of the pipeline. With <see cref="MergedRefsPipeline.Head"/>, the default, runners over HTTP are set
    /// to <see cref="BuildRunner.Http.ChangesForm.Merged"/>.</summary>
    public MergedRefsPipeline PipelineFrom { get; set; }

    /// <summary>Gets or sets the push options that are sent to the server with merged commits, such as <c>ci.skip</c> for a GitLab that
    /// would start a pipeline. Empty by default. The server must support push options.</summary>
    public IReadOnlyList<string> PushOptions { get; set; } = [];

    /// <summary>Gets or sets the directory for the private repository, or <see langword="null"/> (the default) for a directory per
    /// repository and service key in the user's local application data.</summary>
    /// <remarks>The directory is a cache; the remote is authoritative. It must be empty, missing, or created by an earlier run, and must
    /// not lie inside a git work tree. Any number of processes can share it for the same repository.</remarks>
    public string? StateDirectory { get; set; }

    /// <summary>Gets or sets a callback that maps a URI of a scheme other than <c>git</c> to a change in the form of <see
    /// cref="GitChange"/>, or <see langword="null"/> (the default) to reject such URIs. It works like <see
    /// cref="GitBuildRunnerOptions.ChangeResolver"/>.</summary>
    public Func<string, CancellationToken, ValueTask<Change?>>? ChangeResolver { get; set; }

    /// <summary>Gets or sets the service key that the runner is registered with, or the empty string.</summary>
    internal string ServiceKey { get; set; } = "";

    /// <summary>Gets or sets a value indicating whether a runner to decorate is registered.</summary>
    internal bool HasRunner { get; set; }

    string ISourceOptions.ServiceKey => ServiceKey;

    string ISourceOptions.StateSuffix => "\0merged";
}

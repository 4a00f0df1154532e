using System.Runtime.Versioning;
using BuildRunner.Git.Engine;
using BuildRunner.Git.Processes;
using BuildRunner.Git.Remotes;
using BuildRunner.Git.Repository;
using BuildRunner.Git.Storage;

namespace BuildRunner.Git.Merged;

/// <summary>What merging and pushing work with, once it was found to be usable.</summary>
[SupportedOSPlatform("linux")]
internal sealed class MergedState : IDisposable
{
    // No token, so that it is not taken for a record.
    private const string TipName = "tip";

    private readonly ScratchDirectory _scratch;
    private readonly string _cookie = BuildCookie.Create();

    // One fetch at a time, so that those who want the same objects do not all fetch them, and one merge at a time, because it takes a directory.
    private readonly SemaphoreSlim _fetching = new(1, 1);
    private readonly SemaphoreSlim _merging = new(1, 1);
    private readonly ChangeMerger _merger;

    private MergedState(
        MergedRefsOptions options, string runner, StateLayout layout, ScratchDirectory scratch, PrivateRepository repository, RemoteRepository remote)
    {
        _scratch = scratch;
        _merger = new ChangeMerger(scratch.NewPath(), repository, _cookie);
        Options = options;
        Layout = layout;
        Repository = repository;
        Remote = remote;
        Tokens = new MergedTokens(options, runner);
        Records = new MergedRecords(repository, remote, Tokens.Scope, _cookie);
    }

    public MergedRefsOptions Options { get; }

    public StateLayout Layout { get; }

    public PrivateRepository Repository { get; }

    public RemoteRepository Remote { get; }

    public MergedRecords Records { get; }

    public MergedTokens Tokens { get; }

    /// <exception cref="GitException">The directory cannot be used, or git or the repository cannot.</exception>
    /// <exception cref="IOException">The directory cannot be written.</exception>
    public static async Task<MergedState> OpenAsync(
        MergedRefsOptions options, string runner, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        StateLayout layout = new(StateDirectory.PathOf(options));
        ScratchDirectory? scratch = null;
        try
        {
            var repository = await StateRepository.OpenAsync(
                layout,
                () => Directory.CreateDirectory(layout.Scratch),
                () => scratch ??= ScratchDirectory.Create(layout.Scratch),
                options.Repository,
                cancellationToken).ConfigureAwait(false);
            return new MergedState(options, runner, layout, scratch!, repository, RemoteRepository.Find(options, repository, timeProvider)!);
        }
        catch
        {
            scratch?.Dispose();
            throw;
        }
    }

    /// <summary>Gets the reference of a commit that is built.</summary>
    public string BuildReferenceOf(string token) => Options.RefPrefix + token;

    /// <summary>Gets git on the private repository.</summary>
    public GitCommand OpenGit() => Repository.OpenGit(_cookie);

    /// <summary>Fetches what is missing of a target and of changes.</summary>
    /// <exception cref="GitException">A commit cannot be fetched, or the remote cannot be read.</exception>
    public async Task FetchAsync(string target, IReadOnlyList<AppliedChange> changes, string token, CancellationToken cancellationToken)
    {
        await _fetching.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await Remote.FetchAsync(target, changes, token, _cookie, static _ => { }, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _fetching.Release();
        }
    }

    /// <summary>Fetches what is missing of a tip of the target.</summary>
    /// <exception cref="GitException">It cannot be fetched, or the remote cannot be read.</exception>
    public async Task FetchTipAsync(string tip, CancellationToken cancellationToken)
    {
        var name = MergedTokens.New();
        try
        {
            await FetchAsync(tip, [], name, cancellationToken).ConfigureAwait(false);

            // Held, because it is asked about again and again, and what nothing holds is pruned.
            Repository.Hold(TipName, tip);
        }
        finally
        {
            Repository.ForgetFetched(name);
        }
    }

    /// <summary>Determines whether a commit is in the history of a tip that is here.</summary>
    /// <exception cref="GitException">It cannot be told.</exception>
    public async Task<bool> IsInHistoryAsync(string tip, string commitId, CancellationToken cancellationToken)
    {
        string[] arguments = ["merge-base", "--is-ancestor", commitId, tip];
        var result = await OpenGit().RunAsync(arguments, cancellationToken).ConfigureAwait(false);

        // Where a commit in between cannot be read, git says "no", and complains.
        if (result.Succeeded || (result.ExitCode == 1 && string.IsNullOrWhiteSpace(result.Error)))
        {
            return result.Succeeded;
        }

        // A commit that is not here is in no history that is.
        string[] ask = ["cat-file", "--batch-check=%(objecttype)"];
        return result.ExitCode == 128 && (await OpenGit().RunOrThrowAsync(ask, cancellationToken, commitId + "\n").ConfigureAwait(false)).Text.EndsWith(" missing", StringComparison.Ordinal)
            ? false
            : throw new GitException(GitCommand.Failed(arguments, result).Message) { IsTransient = result.ExitCode > 128 };
    }

    /// <summary>Merges changes onto a target.</summary>
    /// <exception cref="GitException">It is not known whether they can be merged.</exception>
    public async Task<ApplyResult> MergeAsync(string target, IReadOnlyList<AppliedChange> changes, CancellationToken cancellationToken)
    {
        await _merging.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await _merger.ApplyAsync(target, changes, cancellationToken).ConfigureAwait(false);
        }
        catch (GitException exception) when (!exception.IsTransient)
        {
            // An object is damaged or missing. Other changes may well be merged, so the setup is not to blame.
            throw new GitException($"It cannot be told what the changes are merged to. {exception.Message}", exception) { IsOfRequest = true };
        }
        finally
        {
            _merging.Release();
        }
    }

    /// <summary>Changes references of the remote.</summary>
    /// <returns>Whether that is done. It is not where one of them was not what was expected.</returns>
    /// <exception cref="GitException">The remote has given no answer, or does not allow it.</exception>
    public async Task<bool> TryPushAsync(IReadOnlyList<PushedReference> references, CancellationToken cancellationToken) =>
        await Remote.PushAsync(references, Options.PushOptions, cancellationToken).ConfigureAwait(false) switch
        {
            PushResult.Done => true,
            PushResult.Stale => false,
            PushResult.Refused refused => throw new GitException($"The remote '{Remote.Address}' refuses what is pushed; the account needs the right to create and delete references below {Options.RefPrefix} and {MergedTokens.Records}. {refused.Reason}"),
            var other => throw new InvalidOperationException($"{other} is no result."),
        };

    public void Dispose()
    {
        _scratch.Dispose();
        _fetching.Dispose();
        _merging.Dispose();
    }
}

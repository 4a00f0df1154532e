using System.Runtime.Versioning;
using BuildRunner.Git.Processes;
using BuildRunner.Git.Repository;
using BuildRunner.Git.Storage;

namespace BuildRunner.Git.Engine;

/// <summary>Translates failures of git, the disk and the state directory into the exceptions of a runner.</summary>
[SupportedOSPlatform("linux")]
internal static class EngineFaults
{
    public static bool IsFault(Exception exception) => exception is GitException or IOException or UnauthorizedAccessException;

    // The fault passes, is the request's, concerns one build, or must be fixed in the repository, its remote or this machine.
    public static BuildRunnerException Translate(
        Exception exception,
        BuildId? buildId,
        ISourceOptions options,
        Func<Exception, bool> lacksRoom)
    {
        var stateFault = $"The state directory '{StateDirectory.TryFindPathOf(options)}' cannot be used: {exception.Message}";
        return exception switch
        {
            GitException { IsTransient: true } =>
                new BuildRunnerException(exception.Message, exception) { BuildId = buildId, IsTransient = true },
            GitException { IsOfRequest: true } or DamagedFileException =>
                new BuildRunnerException(exception.Message, exception) { BuildId = buildId },
            GitException => new BuildRunnerConfigurationException(exception.Message, exception) { BuildId = buildId },
            _ when lacksRoom(exception) || (exception is IOException && Posix.IsErrorOfLoad(exception.HResult)) =>
                new BuildRunnerException(stateFault, exception) { BuildId = buildId, IsTransient = true },
            _ => new BuildRunnerConfigurationException(stateFault, exception) { BuildId = buildId },
        };
    }
}

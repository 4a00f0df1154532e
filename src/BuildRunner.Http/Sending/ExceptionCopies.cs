namespace BuildRunner.Http.Sending;

/// <summary>Copies a failure for each call that shares it, so that no exception is thrown twice.</summary>
internal static class ExceptionCopies
{
    public static BuildRunnerException Copy(this BuildRunnerException exception) => exception switch
    {
        BuildRunnerConfigurationException => new BuildRunnerConfigurationException(exception.Message, exception)
        {
            RetryAfter = exception.RetryAfter,
        },
        _ => new BuildRunnerException(exception.Message, exception)
        {
            IsTransient = exception.IsTransient,
            RetryAfter = exception.RetryAfter,
        },
    };
}

namespace BuildRunner.Http.Sending;

/// <summary>Sends one create, and looks for the build if the answer is lost.</summary>
internal sealed class CreateCall(
    RequestSender sender,
    HttpBackendOptions options,
    Func<HttpReply, BuildId?> idOf,
    Func<CancellationToken, Task<BuildId?>>? find,
    Func<HttpReply, HttpRequestMessage?>? amend)
{
    private const int MaxAmended = 3;

    public async Task<BuildId> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var template = await CreateTemplateAsync(request, cancellationToken).ConfigureAwait(false);
        for (var amended = 0; ; amended++)
        {
            var sent = await sender.WriteAsync(HttpOperations.Create, template, cancellationToken).ConfigureAwait(false);
            CreateVerdict verdict;
            try
            {
                verdict = sender.JudgeCreate(sent);
                if (verdict == CreateVerdict.Created && idOf(sent.Reply!) is { } buildId)
                {
                    return buildId;
                }
            }
            catch (Exception exception)
            {
                (sent, verdict) = (new Sent { Error = exception }, CreateVerdict.Unknown);
            }

            var isRefusal = verdict is CreateVerdict.Rejected or CreateVerdict.Misconfigured;
            if (isRefusal && amended < MaxAmended && sent.Reply is { } refusal && Amend(refusal) is { } other)
            {
                template = await CreateTemplateAsync(other, cancellationToken).ConfigureAwait(false);
                continue;
            }

            if (verdict is not (CreateVerdict.Created or CreateVerdict.Unknown))
            {
                throw sender.RefusalOf(sent, verdict);
            }

            var lost = sender.FailureOf(sent, buildId: null, HttpOperations.Create);
            return await FindLostAsync(lost, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<BuildId> FindLostAsync(BuildRunnerException lost, CancellationToken cancellationToken)
    {
        if (find is null)
        {
            throw new TriggerOutcomeUnknownException(lost.Message, lost);
        }

        try
        {
            BuildRunnerException? failed = null;
            foreach (var delay in options.FindDelays.Prepend(TimeSpan.Zero))
            {
                await Task.Delay(delay, options.TimeProvider, cancellationToken).ConfigureAwait(false);
                try
                {
                    (var found, failed) = (await Urgency.ReadAsync(find, cancellationToken).ConfigureAwait(false), null);
                    if (found is { } buildId)
                    {
                        return buildId;
                    }
                }
                catch (BuildRunnerException exception) when (exception.IsTransient)
                {
                    failed = exception;
                }
            }

            throw failed ?? new TriggerOutcomeUnknownException($"{lost.Message} No build with this key was found so far.", lost);
        }
        catch (Exception exception) when (exception is not TriggerOutcomeUnknownException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new TriggerOutcomeUnknownException(
                $"{lost.Message} Looking for the build failed too: {sender.Excerpt(exception.Message)}",
                lost);
        }
    }

    private HttpRequestMessage? Amend(HttpReply refusal)
    {
        try
        {
            return amend?.Invoke(refusal);
        }
        catch (Exception)
        {
            // The refusal tells more.
            return null;
        }
    }

    private static async Task<RequestTemplate> CreateTemplateAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var template = await RequestTemplate.CreateAsync(request, cancellationToken).ConfigureAwait(false);
        return template.HasBody
            ? template
            : throw new ArgumentException(
                "A create needs a body; add an empty one, because .NET repeats a request without a body if its connection was closed.",
                nameof(request));
    }
}

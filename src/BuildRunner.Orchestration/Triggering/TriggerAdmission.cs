namespace BuildRunner.Orchestration;

/// <summary>Decides whether a build may be triggered, or waits in the line of its runner.</summary>
internal static class TriggerAdmission
{
    /// <summary>Decides about a build that nothing was created for.</summary>
    /// <returns>Null if it may be triggered. Its mark then depends on the document of the runner.</returns>
    public static Step? Of(BuildReading reading, BuildRunnerOptions options)
    {
        var build = reading.Build!;
        if (reading.Control() is not { } control)
        {
            return Step.Need(DocumentNames.OfRunner(build.Runner));
        }

        if (build.Bookkeeping.Line is not null)
        {
            return Step.Leave(Outcome.Done);
        }

        return control.IsHeld || (options.IsLimited() && build.Bookkeeping.SlotSince is null)
            ? Step.Save(build.Waiting(), Outcome.Done)
            : null;
    }

    /// <summary>Marks a build that may be triggered, at least an interval after the last one.</summary>
    public static Step Mark(BuildReading reading, BuildRunnerOptions options)
    {
        var (build, control, now) = (reading.Build!, reading.Control()!, reading.Now);
        var mark = Step.Save(build.Marked(now, control), outcome: null) with { DependsOn = DocumentNames.OfRunner(build.Runner) };
        if (options.MinInterval <= TimeSpan.Zero)
        {
            return mark;
        }

        if (!reading.Documents.TryGetValue(DocumentNames.OfLine(build.Runner), out var document))
        {
            return Step.Need(DocumentNames.OfLine(build.Runner));
        }

        var line = RunnerLine.Read(document);
        return line.TriggeredAt + options.MinInterval is { } next && next > now
            ? Step.Leave(Outcome.Postpone(next - now), "interval")
            : mark with { Line = (line with { TriggeredAt = now }).Write(build.Runner, document) };
    }
}

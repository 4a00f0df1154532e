namespace BuildRunner.GitHubActions.Tests.WholePath;

/// <summary>When the process is killed.</summary>
public enum KillMoment
{
    /// <summary>When GitHub has made the run and has not answered yet: nobody but GitHub knows of the run.</summary>
    InDispatch,

    /// <summary>When the run was seen to run, and ends before the process is back.</summary>
    WhileItRuns,
}

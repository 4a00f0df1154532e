namespace BuildRunner.Git;

/// <summary>Specifies the source of the pipeline that builds a merged commit.</summary>
public enum MergedRefsPipeline
{
    /// <summary>The pipeline of the commit that is built. It runs as the author of the change wrote it, with the rights that the CI gives
    /// to the prefix of the references.</summary>
    Head,

    /// <summary>The pipeline of the target, or of another place that the decorated runner uses. It gets reference and commit as data, and
    /// checks them out itself.</summary>
    Target,
}

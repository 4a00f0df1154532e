namespace BuildRunner.Model.Verdicts;

/// <summary>What is done about a dead letter of a request or of an answer.</summary>
internal enum Repair
{
    /// <summary>The build is failed. It is wrong where the build had ended well and only the answer is lost.</summary>
    Fails,

    /// <summary>The build is left alone, for the answer to come. It is wrong where that was the dead letter: nothing ends it.</summary>
    Waits,

    /// <summary>The CI is asked again, and answers under the identity of the request. It is wrong where the queue knows that identity already: the second answer is swallowed.</summary>
    AsksAgain,

    /// <summary>The CI is asked again, and each answer has an identity of its own.</summary>
    AsksAgainByOccasion,
}

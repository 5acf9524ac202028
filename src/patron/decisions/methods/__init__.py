"""The craft of decisions: rules over columns, persistent draws, sentences, money per action, allocation."""
